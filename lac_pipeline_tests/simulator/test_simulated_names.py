"""What URNs are called: targeting entities, posts, organizations."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from lac_pipeline.simulator.world.segment_names import SEGMENTS
from lac_pipeline.simulator.world.world import World
from lac_pipeline_tests.simulator.simulated_api import ACCOUNT, Api

FINDER = "adTargetingEntities?q=urns&queryVersion=QUERY_USES_URNS&locale=(language:en,country:US)"


def listed(*urns: str) -> str:
    """An encoded list of URNs."""
    return f"List({','.join(quote(urn, safe='') for urn in urns)})"


class TestTargetingEntities:
    """The finder that ad apps may use."""

    def test_names_and_facets(self, api: Api) -> None:
        """A place comes once per facet, with the same name."""
        elements = api.get(f"{FINDER}&urns={listed('urn:li:geo:103644278')}").json()["elements"]
        assert {element["facetUrn"].rpartition(":")[2] for element in elements} == {"locations", "profileLocations"}
        assert {element["name"] for element in elements} == {"United States"}

    def test_unknown_urns_are_left_out(self, api: Api) -> None:
        """What LinkedIn does not know is simply not there."""
        elements = api.get(f"{FINDER}&urns={listed('urn:li:seniority:5', 'urn:li:seniority:99')}").json()["elements"]
        assert [element["urn"] for element in elements] == ["urn:li:seniority:5"]

    def test_order_is_not_kept(self, api: Api) -> None:
        """The response has an order of its own."""
        urns = [f"urn:li:seniority:{n}" for n in range(1, 11)]
        elements = api.get(f"{FINDER}&urns={listed(*urns)}").json()["elements"]
        names = [element["urn"] for element in elements]
        assert sorted(names) == sorted(urns)
        assert names != urns

    def test_company_sizes_hold_reserved_characters(self, api: Api) -> None:
        """A tuple URN is encoded like any value."""
        elements = api.get(f"{FINDER}&urns={listed('urn:li:staffCountRange:(2,10)')}").json()["elements"]
        assert elements[0]["urn"] == "urn:li:staffCountRange:(2,10)"

    def test_legacy_shape_without_query_version(self, api: Api) -> None:
        """The default query version returns a blob of its own."""
        element = api.get(f"adTargetingEntities?q=urns&urns={listed('urn:li:seniority:5')}").json()["elements"][0]
        assert element["value"] == {"string": "urn:li:seniority:5"}
        assert "urn" not in element

    def test_limits(self, api: Api, world: World) -> None:
        """More than a hundred are 400; a list that is too long for a URL is 414."""
        many = listed(*(f"urn:li:title:{n}" for n in range(101)))
        world.switches.url_limit = 8192
        assert api.get(f"{FINDER}&urns={many}").status_code == 400
        world.switches.url_limit = 2048
        assert api.get(f"{FINDER}&urns={many}").status_code == 414

    def test_protocol_2_is_needed(self, api: Api) -> None:
        """Without the protocol header nothing is returned."""
        response = api.get(f"{FINDER}&urns={listed('urn:li:seniority:5')}", drop="X-Restli-Protocol-Version")
        assert response.status_code == 400

    @pytest.mark.parametrize("pivot", sorted(SEGMENTS))
    def test_most_segments_have_names(self, api: Api, pivot: str) -> None:
        """What the demographics give can mostly be resolved; some companies and titles cannot."""
        urns = [segment.urn for segment in SEGMENTS[pivot]][:60]
        found = {element["urn"] for element in api.get(f"{FINDER}&urns={listed(*urns)}").json()["elements"]}
        assert 0.9 * len(urns) < len(found) <= len(urns)
        assert (len(found) < len(urns)) == (pivot in ("MEMBER_COMPANY", "MEMBER_JOB_TITLE"))


class TestCompanySizes:
    """LinkedIn sends plain codes; sources know two more spellings."""

    @pytest.mark.parametrize(
        ("spelling", "value", "resolved"),
        [
            ("staffCountRange", "urn:li:staffCountRange:(2,10)", True),
            ("companySize", "urn:li:companySize:B", False),
            ("SIZE", "SIZE_2_TO_10", False),
        ],
    )
    def test_three_spellings(self, api: Api, world: World, spelling: str, value: str, resolved: bool) -> None:
        """By switch; two of them have no name."""
        world.switches.company_size_urns = spelling
        rows = api.rows(pivot="MEMBER_COMPANY_SIZE", timeGranularity="ALL")
        assert [value] in [row["pivotValues"] for row in rows]
        if value.startswith("urn"):
            assert bool(api.get(f"{FINDER}&urns={listed(value)}").json()["elements"]) == resolved


class TestPosts:
    """The posts behind creatives are often out of reach."""

    def test_ad_apps_are_refused(self, api: Api) -> None:
        """Without the organization scope posts are 403, named by their internal resource."""
        body = api.get("posts/urn%3Ali%3Ashare%3A1").json()
        assert (body["status"], body["serviceErrorCode"]) == (403, 100)
        assert body["message"] == "Not enough permissions to access: partnerApiPostsExternal.GET.20260901"

    def test_some_posts_were_deleted(self, api: Api, world: World) -> None:
        """With the scope most posts are there, and some are 404; messages are no posts."""
        token, _ = world.authorize(("r_ads", "r_organization_social"))
        references = [creative["content"].get("reference", "") for creative in world.truth.creatives(ACCOUNT)]
        urns = [quote(urn, safe="") for urn in references if urn]
        statuses = [api.get(f"posts/{urn}", token=token).status_code for urn in urns]
        assert set(statuses) == {200, 400, 404}
        assert statuses.count(404) < 0.2 * len(statuses)

    def test_a_batch_has_a_result_for_each_post(self, api: Api, world: World) -> None:
        """Posts are among the results, and each that is refused among the errors with its own status."""
        token, _ = world.authorize(("r_organization_social",))
        references = [creative["content"].get("reference", "") for creative in world.truth.creatives(ACCOUNT)]
        urns = [urn for urn in references if "share" in urn or "ugcPost" in urn][:4]
        world.edit.refuse(urns[1], 403)
        world.edit.refuse(urns[2], 500)
        response = api.get(f"posts?ids={listed(*urns, 'urn:li:adInMailContent:1')}", token=token).json()
        assert {urn: error["status"] for urn, error in response["errors"].items()} == {
            urns[1]: 403,
            urns[2]: 500,
            "urn:li:adInMailContent:1": 400,
        }
        assert set(response["results"]) == {urns[0], urns[3]}
        assert api.get(f"posts/{quote(urns[1], safe='')}", token=token).status_code == 403

    def test_a_batch_of_one_post_is_refused(self, api: Api, world: World) -> None:
        """A single post is read by its path."""
        token, _ = world.authorize(("r_organization_social",))
        assert api.get(f"posts?ids={listed('urn:li:share:1')}", token=token).status_code == 400

    def test_posts_of_an_account_are_paged(self, api: Api, world: World) -> None:
        """The finder pages by start and count; its next link is used as it is."""
        token, _ = world.authorize(("r_organization_social",))
        account = quote(f"urn:li:sponsoredAccount:{ACCOUNT}", safe="")
        page = api.get(f"posts?q=dscAdAccount&dscAdAccount={account}&dscAdTypes=List(VIDEO)", token=token).json()
        following = page["paging"]["links"][0]["href"]
        assert (len(page["elements"]), "dscAdTypes=List(VIDEO)" in following) == (10, True)
        other = api.get(following.removeprefix("/rest/"), token=token).json()
        assert {element["id"] for element in other["elements"]}.isdisjoint(
            {element["id"] for element in page["elements"]}
        )

    def test_organizations_are_looked_up(self, api: Api) -> None:
        """Names by id; unknown ids are errors."""
        response = api.get("organizationsLookup?ids=List(1200,99)").json()
        assert response["results"]["1200"]["localizedName"] == "Blue Systems"
        assert list(response["errors"]) == ["99"]


class TestMessages:
    """The content of message ads is read with the scopes for ads."""

    def test_a_message_is_read_by_its_urn_or_number(self, api: Api, world: World) -> None:
        """Both keys give the same message, with the name that the advertiser gave it."""
        urn = message_of(world)
        message = api.get(f"inMailContents/{quote(urn, safe='')}").json()
        assert message == api.get(f"inMailContents/{urn.rpartition(':')[2]}").json()
        creative = next(each for each in world.truth.creatives(ACCOUNT) if each["content"].get("reference") == urn)
        assert (message["name"], "subject" in message) == (creative["name"], True)

    def test_messages_are_read_in_batches(self, api: Api, world: World) -> None:
        """What is no message is among the errors."""
        urn = message_of(world)
        response = api.get(f"inMailContents?ids={listed(urn, 'urn:li:adInMailContent:1', 'urn:li:share:1')}").json()
        assert list(response["results"]) == [urn]
        assert [error["status"] for error in response["errors"].values()] == [404, 400]

    def test_a_message_is_no_post(self, api: Api, world: World) -> None:
        """Requested as a post, it is an invalid request."""
        token, _ = world.authorize(("r_organization_social",))
        response = api.get(f"posts/{quote(message_of(world), safe='')}", token=token)
        assert (response.status_code, response.json()["code"]) == (400, "UGC_VALIDATIONS_FAILED")


def message_of(world: World) -> str:
    """The URN of a message ad's content."""
    references = (creative["content"].get("reference", "") for creative in world.truth.creatives(ACCOUNT))
    return next(str(urn) for urn in references if urn.startswith("urn:li:adInMailContent:"))
