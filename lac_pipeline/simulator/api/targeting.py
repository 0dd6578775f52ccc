"""adTargetingEntities: what a URN of a seniority, industry, place or company is called."""

from __future__ import annotations

from lac_pipeline.simulator.api.calls import Call
from lac_pipeline.simulator.hashing import mix, salt
from lac_pipeline.simulator.replies import Json, RestError, param_invalid
from lac_pipeline.simulator.world.segment_names import Named, resolvable

MOST_URNS = 100
_NAMES = resolvable()


def find(call: Call) -> Json:
    """`q=urns`: the names of those that are known, in no order, once per facet."""
    if call.query.require("q") != "urns":
        raise param_invalid("q", "Only the urns finder is simulated")
    if not call.protocol2:
        raise param_invalid("urns", "The header X-Restli-Protocol-Version: 2.0.0 is required")
    call.query.only({"q", "queryVersion", "urns", "locale", "fields"})
    call.query.require("urns")
    urns = call.query.urns("urns") or []
    if len(urns) > MOST_URNS:
        raise RestError(400, "ILLEGAL_ARGUMENT", f"At most {MOST_URNS} urns may be requested")
    modern = call.query.enum("queryVersion", ("QUERY_USES_URNS", "QUERY_USES_MIXED")) == "QUERY_USES_URNS"
    known = [(name, facet) for urn in dict.fromkeys(urns) for name in _NAMES.get(urn, []) for facet in name.facets]
    known.sort(key=lambda pair: int(mix(call.world.seed, salt(pair[0].urn), salt(pair[1]))[0]))
    elements = [_modern(name, facet) if modern else _legacy(name, facet) for name, facet in known]
    return {"paging": {"start": 0, "count": 2147483647, "links": []}, "elements": elements}


def _modern(segment: Named, facet: str) -> Json:
    return {"urn": segment.urn, "name": segment.name, "facetUrn": f"urn:li:adTargetingFacet:{facet}"}


def _legacy(segment: Named, facet: str) -> Json:
    return {"value": {"string": segment.urn}, "name": segment.name, "facet": facet}
