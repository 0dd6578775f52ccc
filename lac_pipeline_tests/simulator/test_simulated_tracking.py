"""Tracking parameters: one account or campaign a call, as LinkedIn keeps them apart."""

from __future__ import annotations

from urllib.parse import quote

from lac_pipeline.simulator.world.entities import CAMPAIGNS, TRACKING
from lac_pipeline.simulator.world.world import World
from lac_pipeline_tests.simulator.simulated_api import ACCOUNT, Api


def path(kind: str, number: int) -> str:
    """The path of one record."""
    return f"adTrackingParameters/(adEntity:({kind}:{quote(f'urn:li:{kind}:{number}', safe='')}))"


def test_parameters_are_given_one_by_one(api: Api, world: World) -> None:
    """Those that are set come as a record, the others as 404, and message ads have none; other keys are refused."""
    owned = [entity.id for entity in world.entities.listed(TRACKING, ACCOUNT) if entity.id != ACCOUNT]
    assert api.get(path("sponsoredCampaign", owned[0])).json() == world.entities.get(TRACKING, owned[0]).record
    campaigns = {entity.id: entity.record["type"] for entity in world.entities.listed(CAMPAIGNS, ACCOUNT)}
    plain = next(number for number, kind in campaigns.items() if number not in owned and kind != "SPONSORED_INMAILS")
    assert api.get(path("sponsoredCampaign", plain)).status_code == 404
    world.switches.empty_tracking_parameters = True
    empty = api.get(path("sponsoredCampaign", plain)).json()
    assert empty == {"dynamicValueParameters": {}, "customValueParameters": {}}
    messages = next(number for number, kind in campaigns.items() if kind == "SPONSORED_INMAILS")
    assert api.get(path("sponsoredCampaign", messages)).status_code == 400
    assert api.get(path("sponsoredCreative", 1)).status_code == 400
    assert api.get(path("sponsoredCampaign", 1)).status_code == 404


def test_parameters_of_accounts_are_newer(api: Api, world: World) -> None:
    """An account has them since 202608."""
    assert api.get(path("sponsoredAccount", ACCOUNT)).json() == world.entities.get(TRACKING, ACCOUNT).record
    api.headers["LinkedIn-Version"] = "202607"
    assert api.get(path("sponsoredAccount", ACCOUNT)).status_code == 400
