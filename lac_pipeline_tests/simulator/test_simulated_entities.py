"""Accounts, campaign groups, campaigns and creatives: records, search, cursor walks, batches."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lac_pipeline.simulator.world.world import World
from lac_pipeline_tests.simulator.simulated_api import ACCOUNT, NOW, Api

BASE = f"adAccounts/{ACCOUNT}"
GROUPS, CAMPAIGNS = f"{BASE}/adCampaignGroups?q=search", f"{BASE}/adCampaigns?q=search"
CREATIVES = f"{BASE}/creatives?q=criteria"
FINDERS = ["adAccounts?q=search", GROUPS, CAMPAIGNS, CREATIVES]


def flat(pages: list[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """All elements of a walk."""
    return [element for page in pages for element in page]


class TestRecords:
    """What a record looks like."""

    @pytest.mark.parametrize("finder", FINDERS[:3])
    def test_ids_are_numbers(self, api: Api, finder: str) -> None:
        """Accounts, groups and campaigns carry bare numbers."""
        assert all(isinstance(entity["id"], int) for entity in flat(api.walk(finder)))

    def test_creative_ids_and_parents_are_urns(self, api: Api) -> None:
        """Creatives are URNs, and name their parents by URN."""
        for entity in flat(api.walk(CREATIVES)):
            assert entity["id"].startswith("urn:li:sponsoredCreative:")
            assert entity["campaign"].startswith("urn:li:sponsoredCampaign:")
            assert entity["account"] == f"urn:li:sponsoredAccount:{ACCOUNT}"
            assert "changeAuditStamps" not in entity

    def test_money_and_times(self, api: Api) -> None:
        """Money is a decimal string with a currency, time is in milliseconds."""
        campaigns = flat(api.walk(CAMPAIGNS))
        budgets = [campaign["dailyBudget"] for campaign in campaigns if "dailyBudget" in campaign]
        assert {budget["currencyCode"] for budget in budgets} == {"EUR"}
        assert all(isinstance(budget["amount"], str) for budget in budgets)
        assert all(campaign["changeAuditStamps"]["created"]["time"] > 10**12 for campaign in campaigns)

    @pytest.mark.parametrize("finder", FINDERS)
    def test_nothing_is_null(self, api: Api, finder: str) -> None:
        """Absent optional fields are left out."""
        assert "null" not in json.dumps(flat(api.walk(finder)))

    @pytest.mark.parametrize(
        ("finder", "optional"), [(CREATIVES, "name"), (CREATIVES, "review"), (CAMPAIGNS, "unitCost")]
    )
    def test_optional_fields_are_missing_on_some(self, api: Api, finder: str, optional: str) -> None:
        """A client meets records with and without each optional field."""
        assert {optional in entity for entity in flat(api.walk(finder))} == {True, False}

    def test_drafts_have_no_review(self, api: Api) -> None:
        """A draft was not reviewed yet."""
        drafts = [entity for entity in flat(api.walk(CREATIVES)) if entity["intendedStatus"] == "DRAFT"]
        assert drafts
        assert not any("review" in draft for draft in drafts)

    def test_names_are_awkward(self, api: Api) -> None:
        """Names repeat and hold commas, quotes, newlines and emoji."""
        names = [entity["name"] for entity in flat(api.walk(CAMPAIGNS)) + flat(api.walk(CREATIVES)) if "name" in entity]
        assert all(any(sign in name for name in names) for sign in (",", '"', "\n", "✅", "📈"))
        assert len(set(names)) < len(names)

    def test_records_are_those_of_the_truth(self, api: Api, world: World) -> None:
        """The world's own books hold what the finders give."""
        assert flat(api.walk(FINDERS[0])) == world.truth.accounts()
        assert flat(api.walk(GROUPS)) == world.truth.campaign_groups(ACCOUNT)
        assert flat(api.walk(CAMPAIGNS)) == world.truth.campaigns(ACCOUNT)
        assert flat(api.walk(CREATIVES)) == world.truth.creatives(ACCOUNT)

    def test_currencies_differ(self, api: Api) -> None:
        """The three accounts are kept in three currencies."""
        assert [entity["currency"] for entity in flat(api.walk(FINDERS[0]))] == ["EUR", "USD", "JPY"]

    def test_fields_choose_what_is_sent(self, api: Api) -> None:
        """A projection leaves the rest out."""
        assert api.get(f"{CAMPAIGNS}&fields=id,name").json()["elements"][0].keys() == {"id", "name"}


class TestSearch:
    """Filters give exactly what they name."""

    def test_unfiltered_search_gives_every_status(self, api: Api) -> None:
        """Drafts, archived, cancelled and half-deleted campaigns come too."""
        statuses = {entity["status"] for entity in flat(api.walk(CAMPAIGNS))}
        assert statuses == {"ACTIVE", "PAUSED", "COMPLETED", "ARCHIVED", "DRAFT", "CANCELED", "PENDING_DELETION"}

    def test_status_filter(self, api: Api) -> None:
        """Only the named statuses come back."""
        found = flat(api.walk(f"{CAMPAIGNS}&search=(status:(values:List(DRAFT,ARCHIVED)))"))
        assert {match["status"] for match in found} == {"DRAFT", "ARCHIVED"}

    @pytest.mark.parametrize(
        ("search", "count"),
        [
            ("(id:(values:List(urn%3Ali%3AsponsoredCampaign%3A337643194)))", 1),
            (
                "(campaignGroup:(values:List(urn%3Ali%3AsponsoredCampaignGroup%3A600100200)),status:(values:List(ACTIVE)))",
                4,
            ),
            ("(name:(values:List(EMEA%20-%20Hiring)))", 1),
            ("(type:(values:List(TEXT_AD,DYNAMIC)))", 2),
            ("(test:true)", 0),
            ("(test:false)", 14),
        ],
    )
    def test_search_keys(self, api: Api, search: str, count: int) -> None:
        """Every search key filters; several combine as AND."""
        assert len(flat(api.walk(f"{CAMPAIGNS}&search={search}"))) == count

    def test_cancelled_creatives_hide_when_requested_by_campaign(self, api: Api, world: World) -> None:
        """A request by campaign leaves cancelled creatives out; a request by account does not."""
        cancelled = [
            creative for creative in world.truth.creatives(ACCOUNT) if creative["intendedStatus"] == "CANCELED"
        ]
        campaign = cancelled[0]["campaign"].replace(":", "%3A")
        assert cancelled[0] in flat(api.walk(CREATIVES))
        assert flat(api.walk(f"{CREATIVES}&campaigns=List({campaign})")) == []

    def test_creative_filters(self, api: Api) -> None:
        """Creatives are found by status, by URN, and by test account."""
        paused = flat(api.walk(f"{CREATIVES}&intendedStatuses=List(PAUSED)"))
        assert {creative["intendedStatus"] for creative in paused} == {"PAUSED"}
        urn = paused[0]["id"].replace(":", "%3A")
        assert [found["id"] for found in flat(api.walk(f"{CREATIVES}&creatives=List({urn})"))] == [paused[0]["id"]]
        assert flat(api.walk(f"{CREATIVES}&isTestAccount=true")) == []

    def test_sort_order(self, api: Api) -> None:
        """Walks go down the ids as well as up."""
        up = [entity["id"] for entity in flat(api.walk(f"{CAMPAIGNS}&pageSize=4"))]
        down = [entity["id"] for entity in flat(api.walk(f"{CAMPAIGNS}&pageSize=4&sortOrder=DESCENDING"))]
        assert up == sorted(up)
        assert down == up[::-1]


class TestCursors:
    """Walks by opaque tokens."""

    @pytest.mark.parametrize("finder", FINDERS)
    def test_short_and_empty_pages_are_not_the_last(self, api: Api, finder: str) -> None:
        """A walk holds a short and an empty page that carry a token."""
        sizes = [len(page) for page in api.walk(f"{finder}&pageSize=3")]
        assert (sizes[0], sizes[1]) == (2, 0)
        assert sum(sizes) > 2

    def test_last_page_has_empty_metadata(self, api: Api, world: World) -> None:
        """The end is metadata without a token."""
        world.switches.ragged_pages = False
        assert api.get(CAMPAIGNS).json()["metadata"] == {}

    @pytest.mark.parametrize("size", [1, 2, 5, 100])
    @pytest.mark.parametrize("ragged", [True, False])
    def test_walks_give_everything_once(self, api: Api, world: World, size: int, ragged: bool) -> None:
        """Whatever the page size, each campaign comes exactly once."""
        world.switches.ragged_pages = ragged
        ids = [entity["id"] for entity in flat(api.walk(f"{CAMPAIGNS}&pageSize={size}"))]
        assert ids == [campaign["id"] for campaign in world.truth.campaigns(ACCOUNT)]

    @pytest.mark.parametrize(
        ("finder", "query"),
        [
            (CAMPAIGNS, "pageSize=1001"),
            (CREATIVES, "pageSize=101"),
            (CAMPAIGNS, "pageSize=0"),
            (CAMPAIGNS, "pageSize=ten"),
            (CAMPAIGNS, "pageToken=made-up"),
            (CAMPAIGNS, "start=0"),
            (CREATIVES, "count=10"),
        ],
    )
    def test_wrong_paging_is_refused(self, api: Api, finder: str, query: str) -> None:
        """Sizes out of bounds, made-up tokens and index paging are 400."""
        assert api.get(f"{finder}&{query}").status_code == 400

    def test_a_token_belongs_to_its_query(self, api: Api) -> None:
        """The token of one query is refused by another, and the token is no offset."""
        token = api.get(f"{CAMPAIGNS}&pageSize=3").json()["metadata"]["nextPageToken"]
        assert not token.isdigit()
        assert api.get(f"{CAMPAIGNS}&pageSize=3&pageToken={token}&search=(test:false)").status_code == 400
        assert api.get(f"{GROUPS}&pageSize=3&pageToken={token}").status_code == 400
        assert api.get(f"{CAMPAIGNS}&pageSize=3&pageToken={token}").status_code == 200

    def test_removals_do_not_shift_a_walk(self, api: Api, world: World) -> None:
        """What is removed between pages costs no other element its place."""
        first = api.get(f"{CAMPAIGNS}&pageSize=5").json()
        world.edit.remove("adCampaigns", first["elements"][0]["id"])
        token, found = first["metadata"]["nextPageToken"], list(first["elements"])
        while token:
            page = api.get(f"{CAMPAIGNS}&pageSize=5&pageToken={token}").json()
            found += page["elements"]
            token = page["metadata"].get("nextPageToken")
        assert {match["id"] for match in found} >= {campaign["id"] for campaign in world.truth.campaigns(ACCOUNT)}

    def test_items_may_change_under_the_walk(self, api: Api, world: World) -> None:
        """By switch, what the first page gave is edited before the walk ends."""
        world.switches.drift_during_walks = True
        before = flat(api.walk(f"{CAMPAIGNS}&pageSize=5"))[0]
        after = flat(api.walk(CAMPAIGNS))[0]
        assert after["name"] == f"{before['name']} (edited)"
        assert after["changeAuditStamps"]["lastModified"]["time"] == NOW.timestamp() * 1000

    def test_default_page_of_ten_accounts(self, api: Api, world: World) -> None:
        """By switch adAccounts gives ten when no size is sent."""
        model = world.truth.accounts()[0]["id"]
        for n in range(12):
            world.edit.add_like("adAccounts", model, entity_id=530_000_000 + n)
        world.switches.accounts_page_of_10, world.switches.ragged_pages = True, False
        assert [len(page) for page in api.walk("adAccounts?q=search")] == [10, 5]

    def test_search_with_token_may_be_refused(self, api: Api, world: World) -> None:
        """By switch adAccounts refuses search beside pageToken."""
        world.switches.refuse_search_with_page_token = True
        query = "adAccounts?q=search&search=(test:false)"
        token = api.get(query).json()["metadata"]["nextPageToken"]
        assert api.get(f"{query}&pageToken={token}").status_code == 400


class TestCreativesResource:
    """Where creatives are found."""

    def test_old_path_has_moved(self, api: Api) -> None:
        """The path without the account is refused with the new base URL."""
        response = api.get("creatives?q=criteria")
        assert response.status_code == 400
        assert "/rest/adAccounts/{adAccountId}/creatives" in response.json()["message"]

    def test_search_is_not_its_finder(self, api: Api) -> None:
        """q=search belongs to the others."""
        assert api.get(f"{BASE}/creatives?q=search").status_code == 400
        assert api.get(f"{BASE}/adCampaigns?q=criteria").status_code == 400

    def test_finder_header_may_be_required(self, api: Api, world: World) -> None:
        """By switch X-RestLi-Method has to be FINDER."""
        world.switches.finder_header_required = True
        assert api.get(CREATIVES).status_code == 400
        assert api.get(CREATIVES, X_RestLi_Method="FINDER").status_code == 200

    def test_big_pages_may_fail(self, api: Api, world: World) -> None:
        """By switch big pages return 500, smaller pages do not."""
        world.switches.creatives_500_above = 50
        assert api.get(f"{CREATIVES}&pageSize=100").status_code == 500
        assert api.get(f"{CREATIVES}&pageSize=50").status_code == 200


class TestSingleAndBatch:
    """Reads by key."""

    @pytest.mark.parametrize(
        "path",
        [BASE, f"{BASE}/adCampaigns/337643194", f"{BASE}/creatives/urn%3Ali%3AsponsoredCreative%3A119962155"],
    )
    def test_one_entity(self, api: Api, path: str) -> None:
        """A single read gives the bare record."""
        record = api.get(path).json()
        assert str(record["id"]) in path.replace("%3A", ":")
        assert "elements" not in record

    @pytest.mark.parametrize(
        ("path", "status"),
        [
            (f"{BASE}/adCampaigns/1", 404),
            (f"{BASE}/adCampaigns/x", 400),
            (f"{BASE}/creatives/119962155", 400),
            ("adAccounts/510000002/adCampaigns/337643194", 404),
        ],
    )
    def test_unknown_entities(self, api: Api, path: str, status: int) -> None:
        """Unknown ids, keys of the wrong kind, and another account's entities are refused."""
        assert api.get(path).status_code == status

    def test_batch_lists_what_is_missing(self, api: Api) -> None:
        """What a batch does not find is among its errors, not its results."""
        response = api.get(f"{BASE}/adCampaigns?ids=List(337643194,1)", X_RestLi_Method="BATCH_GET").json()
        assert set(response) == {"results", "statuses", "errors"}
        assert list(response["results"]) == ["337643194"]
        assert response["errors"]["1"]["status"] == 404

    def test_creatives_are_batched_by_urn(self, api: Api) -> None:
        """Creative batches take URNs."""
        urn = "urn:li:sponsoredCreative:119962155"
        response = api.get(f"{BASE}/creatives?ids=List({urn.replace(':', '%3A')})").json()
        assert response["results"][urn]["id"] == urn


class TestIndexPaging:
    """The older finders page by start and count."""

    def test_account_users_follow_links(self, api: Api) -> None:
        """Ten at a time, with links that are paths and may be followed as they are."""
        path = f"adAccountUsers?q=accounts&accounts=urn%3Ali%3AsponsoredAccount%3A{ACCOUNT}"
        first = api.get(path).json()
        links = {link["rel"]: link["href"] for link in first["paging"]["links"]}
        assert (len(first["elements"]), first["paging"]["count"], list(links)) == (10, 10, ["next"])
        second = api.get(links["next"].removeprefix("/rest/")).json()
        assert len(second["elements"]) == 2
        assert [link["rel"] for link in second["paging"]["links"]] == ["prev"]

    def test_callers_own_roles(self, api: Api) -> None:
        """q=authenticatedUser gives one role per account."""
        assert len(api.get("adAccountUsers?q=authenticatedUser").json()["elements"]) == 3

    def test_users_of_a_foreign_account_are_hidden(self, api: Api, world: World) -> None:
        """Without a role no user is visible."""
        world.edit.forbid(ACCOUNT)
        path = f"adAccountUsers?q=accounts&accounts=List(urn%3Ali%3AsponsoredAccount%3A{ACCOUNT})"
        assert api.get(path).json()["elements"] == []
