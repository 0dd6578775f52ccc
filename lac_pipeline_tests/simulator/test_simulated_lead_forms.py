"""Lead forms: listed by their owner, page by page, and used by the creatives that bring leads."""

from __future__ import annotations

import pytest

from lac_pipeline.simulator.world.world import World
from lac_pipeline_tests.simulator.simulated_api import ACCOUNT, Api, account_urn

OWNER = f"owner=(sponsoredAccount:{account_urn()})"


def test_forms_are_paged_from_a_start_on(api: Api, world: World) -> None:
    """Each page names the total and the next one; together they are all forms of the account."""
    first = api.get(f"leadForms?q=owner&{OWNER}&start=0&count=5").json()
    links = {link["rel"]: link["href"] for link in first["paging"]["links"]}
    assert (len(first["elements"]), first["paging"]["total"], list(links)) == (5, 7, ["next"])
    second = api.get(links["next"].removeprefix("/rest/")).json()
    assert first["elements"] + second["elements"] == world.truth.lead_forms(ACCOUNT)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        (f"q=account&{OWNER}", 400),
        ("q=owner", 400),
        (f"q=owner&owner={account_urn()}", 400),
        ("q=owner&owner=(sponsoredAccount:urn%3Ali%3AsponsoredCampaign%3A1)", 400),
        ("q=owner&owner=(sponsoredAccount:urn%3Ali%3AsponsoredAccount%3A1)", 403),
        (f"q=owner&{OWNER}&state=PUBLISHED", 400),
    ],
)
def test_other_requests_are_refused(api: Api, query: str, status: int) -> None:
    """The owner is a union of one account, which the member has to have a role on."""
    assert api.get(f"leadForms?{query}").status_code == status


def test_forms_need_a_scope_for_ads(api: Api, world: World) -> None:
    """A token for reports alone may not read forms."""
    token, _ = world.authorize(("r_ads_reporting",))
    refusal = api.get(f"leadForms?q=owner&{OWNER}", token=token)
    assert (refusal.status_code, refusal.json()["message"]) == (
        403,
        "Not enough permissions to access: leadForms.FINDER.20260901",
    )


def test_creatives_that_bring_leads_open_forms_of_their_account(world: World) -> None:
    """Each form in use is one of the account's, in a language of its market, and every one is used."""
    for account in world.truth.accounts():
        account_id = int(account["id"])
        forms = {f"urn:li:adForm:{form['id']}": form for form in world.truth.lead_forms(account_id)}
        opened = {
            creative["leadgenCallToAction"]["destination"]
            for creative in world.truth.creatives(account_id)
            if "leadgenCallToAction" in creative
        }
        assert opened == {urn for urn, form in forms.items() if form["state"] == "PUBLISHED"}
    assert {form["creationLocale"]["language"] for form in forms.values()} == {"ja"}
