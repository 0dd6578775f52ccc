"""All streams, in the order in which people read them: parents first; and those of them that are chosen."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from lac_pipeline.errors import ConfigError
from lac_pipeline.linkedin.resource import Resource
from lac_pipeline.streams.audiences import AUDIENCE_DEMOGRAPHICS, CAMPAIGN_DEMOGRAPHICS
from lac_pipeline.streams.breakdowns import CAMPAIGN_BREAKDOWNS
from lac_pipeline.streams.conversions import CONVERSION_DAILY, CONVERSIONS
from lac_pipeline.streams.daily_metrics import DAILY_METRICS
from lac_pipeline.streams.entities import ENTITIES
from lac_pipeline.streams.leads import LEAD_FORM_RESPONSES, LEAD_FORMS
from lac_pipeline.streams.reach import REACH_BY_MONTH
from lac_pipeline.streams.stream import AssetGroup, Partitioning, Report, Stream
from lac_pipeline.unknown_names import unknown_name

DEFAULT, ALL = "default", "all"
"""What may stand in `LAC_STREAMS` for the streams that are loaded unless others are chosen, and for all of them."""


@dataclass(frozen=True)
class Catalogue:
    """Streams, each behind its parent."""

    streams: tuple[Stream, ...]

    def __iter__(self) -> Iterator[Stream]:
        """The streams in their order."""
        return iter(self.streams)

    def __len__(self) -> int:
        """How many there are."""
        return len(self.streams)

    def __contains__(self, name: object) -> bool:
        """Whether a stream of this name is among them."""
        return name in self._by_name

    @property
    def names(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(self._by_name)

    @property
    def groups(self) -> tuple[AssetGroup, ...]:
        """The asset groups that they are in."""
        return tuple(group for group in AssetGroup if self.in_group(group))

    def in_group(self, group: AssetGroup) -> tuple[Stream, ...]:
        """Those of an asset group."""
        return tuple(stream for stream in self.streams if stream.group is group)

    def names_in(self, group: AssetGroup) -> tuple[str, ...]:
        """The names of those of an asset group."""
        return tuple(stream.name for stream in self.in_group(group))

    def of(self, name: str) -> Stream:
        """Return the stream of this name.

        Raises:
            KeyError: there is none.
        """
        return self._by_name[name]

    def chosen(self, text: str, *, opened: Collection[str] = ()) -> Catalogue:
        """Read `LAC_STREAMS`: `default`, `all`, or names separated by commas.

        Each stream brings its parents, and the one of whose rows its own are parts.

        Args:
            text: as it is set. `all` leaves out the streams that a setting of their own opens.
            opened: the streams that such a setting opens.

        Raises:
            UnknownNameError: a name is no stream; the nearest ones are suggested.
        """
        named = {
            DEFAULT: [stream.name for stream in self.streams if not stream.optional],
            ALL: [stream.name for stream in self.streams if stream.opened_by is None],
        }
        selected: set[str] = {*opened}
        for name in [part.strip().lower() for part in text.split(",") if part.strip()] or [DEFAULT]:
            if name not in self and name not in named:
                raise unknown_name("stream", name, [*self.names, *named])
            selected.update(named.get(name, [name]))
        for stream in reversed(self.streams):
            if stream.name in selected:
                selected.update(stream.needed)
        return Catalogue(tuple(stream for stream in self.streams if stream.name in selected))

    def text_without(self, names: Collection[str]) -> str:
        """What `LAC_STREAMS` says to load these streams but some; those that a setting of their own opens aside."""
        kept = [stream for stream in self.streams if stream.name not in names and stream.opened_by is None]
        usual = [stream.name for stream in STREAMS if not stream.optional]
        if {*usual} <= {stream.name for stream in kept}:
            return ",".join((DEFAULT, *(stream.name for stream in kept if stream.optional)))
        return ",".join(stream.name for stream in kept)

    def with_reports(self, reports: Iterable[Stream]) -> Catalogue:
        """These streams, and behind them the reports that settings declare."""
        return Catalogue((*self.streams, *reports))

    def opened_by(self, settings: object) -> list[str]:
        """The names of the streams that a setting of their own opens."""
        own = ((stream.name, stream.opened_by) for stream in self.streams)
        return [name for name, setting in own if setting is not None and getattr(settings, setting.attribute).strip()]

    def refuse_unopened(self, text: str, *, setting: str, value: str) -> None:
        """Refuse a `LAC_STREAMS` that names a stream which a setting of its own does not open.

        Raises:
            ConfigError: the setting names no pivot, and `LAC_STREAMS` the stream.
        """
        named = {part.strip().lower() for part in text.split(",")}
        for stream in self.streams:
            own = stream.opened_by
            if own is not None and own.attribute == setting and stream.name in named and not value.strip():
                example = next(iter(stream.report.pivots)) if stream.report is not None else ALL
                raise ConfigError(
                    f"LAC_STREAMS names {stream.name}, and no {own.noun} is chosen for it",
                    fix=f"set {own.name}, such as to {example}, or leave {stream.name} out of LAC_STREAMS",
                )

    @cached_property
    def _by_name(self) -> dict[str, Stream]:
        return {stream.name: stream for stream in self.streams}


STREAMS = Catalogue(
    (
        *ENTITIES,
        CONVERSIONS,
        LEAD_FORMS,
        *DAILY_METRICS,
        CONVERSION_DAILY,
        CAMPAIGN_BREAKDOWNS,
        REACH_BY_MONTH,
        AUDIENCE_DEMOGRAPHICS,
        CAMPAIGN_DEMOGRAPHICS,
        LEAD_FORM_RESPONSES,
    )
)


_declared: dict[str, Stream] = {}


def declare(streams: Iterable[Stream]) -> None:
    """Make streams that settings declare known by their names in this process; the last one of a name counts.

    Raises:
        ValueError: the catalogue has a stream of that name.
    """
    declared = {stream.name: stream for stream in streams}
    if taken := declared.keys() & {*STREAMS.names}:
        raise ValueError(f"streams of the catalogue cannot be declared again: {sorted(taken)}")
    _declared.update(declared)


def every_stream() -> Catalogue:
    """All streams, whether or not they are chosen: those above, and behind them those that settings declare."""
    return Catalogue((*STREAMS, *_declared.values()))


def stream_of(name: str) -> Stream:
    """Return the stream of this name, whether or not it is chosen.

    Raises:
        KeyError: there is none.
    """
    return STREAMS.of(name) if name in STREAMS else _declared[name]


def report_of(name: str) -> Report:
    """Return the report that the stream of this name is.

    Raises:
        KeyError: there is no such stream, or it is no report.
    """
    report = stream_of(name).report
    if report is None:
        raise KeyError(name)
    return report


def reports_chosen_by(attribute: str) -> list[Report]:
    """The reports whose pivots this attribute of the settings chooses."""
    reports = [stream.report for stream in STREAMS if stream.report is not None]
    return [report for report in reports if report.chosen_by is not None and report.chosen_by.attribute == attribute]


def resource_of(name: str) -> Resource:
    """Return the resource that the stream of this name lists.

    Raises:
        KeyError: there is no such stream, or it is a report.
    """
    resource = stream_of(name).resource
    if resource is None:
        raise KeyError(name)
    return resource


def partitioning_of(group: AssetGroup) -> Partitioning:
    """How the streams of an asset group are cut: all in the same way, as one run fills them together."""
    return every_stream().in_group(group)[0].partitioning
