"""What a stream is: where LinkedIn has it, how it is partitioned, and what is kept of it. Pure data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum, StrEnum

from msgspec import Struct

from lac_pipeline.errors import ConfigError
from lac_pipeline.linkedin.analytics.planner import greedy_windows, units_of
from lac_pipeline.linkedin.metrics import Metric
from lac_pipeline.linkedin.pivots import pivot_of
from lac_pipeline.linkedin.resource import Resource
from lac_pipeline.streams.overviews import Overview
from lac_pipeline.unknown_names import unknown_name
from lac_pipeline.windows import DateWindow


class AssetGroup(StrEnum):
    """What is synced together: the assets of one Dagster run, which share a partitions definition and a TTL."""

    ENTITIES = "entities"
    METRICS = "metrics"
    DEMOGRAPHICS = "demographics"
    CAMPAIGN_DEMOGRAPHICS = "campaign_demographics"
    LEADS = "leads"
    REPORTS = "reports"
    MONTHLY_REPORTS = "monthly_reports"


class Partitioning(Enum):
    """How an asset is cut into partitions; the value is the column that holds the UTC day, or the month's first day."""

    ACCOUNT = None
    ACCOUNT_DAY = "date"
    ACCOUNT_MONTH = "month"


class Subject(Struct, frozen=True):
    """The entity that the rows of a report are about.

    Attributes:
        stream: its stream.
        column: the column of the report's table that holds its id.
        urn_kind: the kind of URN that LinkedIn names it by, such as `sponsoredCampaign`.
    """

    stream: str
    column: str
    urn_kind: str


@dataclass(frozen=True, slots=True)
class PivotColumn:
    """A column of a report's table that holds one of a row's pivot values.

    Attributes:
        column: its name; part of the table's key.
        urn_kind: the kind of URN, such as `sponsoredCampaign`, whose number it holds; None for text like MOBILE_APP.
        of_pivot: whether it holds the number of a URN of whichever kind the requested pivot has.
        values: how many of a row's values it holds at most.
    """

    column: str
    urn_kind: str | None = None
    of_pivot: bool = False
    values: int = 1


class PivotSetting(Struct, frozen=True):
    """The setting that chooses which pivots of a report are read.

    Attributes:
        name: the environment variable.
        noun: what one of the pivots is called, such as `member pivot`.
        opens: whether the stream is loaded where it names a pivot, and only there.
    """

    name: str
    noun: str
    opens: bool = False

    @property
    def attribute(self) -> str:
        """The attribute of the settings."""
        return self.name.lower()


class OneByOne(Struct, frozen=True):
    """The entities for each of which a report is requested by itself, because its rows do not name them.

    Attributes:
        subject: the entity; a column of the report's table holds its id.
        counted_in: the stream whose impressions show for which of them LinkedIn has rows.
        least_impressions: so many an entity needs in a month; LinkedIn returns no row below.
        budget: the setting of the most requests in a UTC day.
    """

    subject: Subject
    counted_in: str
    least_impressions: int
    budget: str


class AddsUpTo(Struct, frozen=True):
    """The report whose numbers the rows of another one are parts of: they add up to it by subject and day.

    Attributes:
        stream: its stream.
        metrics: LinkedIn's names of the metrics that both have and that are compared.
        pivot: by which of several pivots the rows are parts of it; None where there is one pivot.
        exact: whether they agree to the unit once LinkedIn no longer changes them; else they may differ a little.
    """

    stream: str
    metrics: tuple[str, ...]
    pivot: str | None = None
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Report:
    """A report of adAnalytics.

    Attributes:
        pivots: LinkedIn's pivots, each with the API version that brought it, or None where every version has it; every
            pivot is a request of its own.
        granularity: `DAILY` or `MONTHLY`.
        subject: the entity that each row is about; None for audience segments.
        pivot_column: the column of its table that holds the pivot; None where there is one pivot, which needs none.
        totals_match: whether the rows of a day add up to LinkedIn's total of the account.
        within: pivots that are requested together with, and before, each of `pivots`; at most two, none of members.
        value_columns: the columns that hold a row's values, in the order of `within` and the pivot; none where the
            subject's column or `segment` holds the only value.
        metrics: those that it reads and its table has columns for, whatever `LAC_METRICS` names; empty where
            `LAC_METRICS` decides and the table has a column for every metric that LinkedIn may give.
        adds_up_to: the report whose rows its own are parts of, where there is one.
        chosen_by: the setting that chooses its pivots; None where all are read.
        labels: what `pivot_column` holds in place of a pivot's own name.
        only_by: of `metrics`, by LinkedIn's name, those that are read by some of the pivots alone, and by which.
        most_days: how many days a request may cover at most; None where there is no limit.
        known_by: the columns of a table of several reports by which the rows of this one are known, with their values.
            A row of such a table has its pivot values in `pivot_values` and its metrics in `metrics`.
        one_by_one: the entities that it is requested for one by one, all months at once; None where one request is for
            a whole ad account.
        restatements: whether what LinkedIn changes of past days is logged in `metric_restatements`. Of rows that only
            split what another report counts it is not: the log would name each change once for every part.
        distinct: the metric, by LinkedIn's name, that counts distinct members, where each pivot's entities are parts of
            those of the pivot before it: a part has at most the number of its whole, and no sum of parts is the whole.
    """

    pivots: Mapping[str, str | None]
    granularity: str
    subject: Subject | None = None
    pivot_column: str | None = None
    totals_match: bool = False
    within: tuple[str, ...] = ()
    value_columns: tuple[PivotColumn, ...] = ()
    metrics: tuple[Metric, ...] = ()
    adds_up_to: AddsUpTo | None = None
    chosen_by: PivotSetting | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    only_by: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    most_days: int | None = None
    known_by: Mapping[str, str] = field(default_factory=dict)
    one_by_one: OneByOne | None = None
    restatements: bool = False
    distinct: str | None = None

    def __post_init__(self) -> None:
        """Refuse a report of which a row's values have no place."""
        if (
            (self.within or self.value_columns)
            and not self.known_by
            and len(self.value_columns) != len(self.within) + 1
        ):
            raise ValueError(f"{len(self.within) + 1} pivots at once need as many columns")

    def requested(self, pivot: str) -> tuple[str, ...]:
        """The pivots of the request for one of `pivots`, in the order of a row's values."""
        return (*self.within, pivot)

    @property
    def of_members(self) -> bool:
        """Whether each row is about a part of the audience."""
        return any(pivot_of(pivot).members for pivot in self.pivots)

    def label_of(self, pivot: str) -> str:
        """What `pivot_column` holds in the rows by this pivot."""
        return self.labels.get(pivot, pivot)

    def value_columns_of(self, pivot: str) -> tuple[PivotColumn, ...]:
        """The columns that hold the values of a row by this pivot."""
        known = pivot_of(pivot)
        return tuple(
            replace(column, urn_kind=known.urn_kind if column.of_pivot else column.urn_kind, values=known.values)
            if column is self.value_columns[-1]
            else column
            for column in self.value_columns
        )

    def reads(self, metric: Metric, pivot: str) -> bool:
        """Whether a request by this pivot asks for the metric: LinkedIn gives it there, and it is meant for it."""
        return pivot in self.only_by.get(metric.name, (pivot,)) and metric.serves(*self.requested(pivot))

    @property
    def split(self) -> str:
        """What its rows are split by, for a person; of one that has several pivots, which are read one by one, all."""
        return f"{self.granularity} by {' and '.join((*self.within, *self.pivots))}"

    def ranges(self, window: DateWindow) -> list[DateWindow]:
        """The days of its requests: all at once, or as many days, or whole months, as a request may cover."""
        if self.most_days is None:
            return [window]
        return greedy_windows(units_of(window, granularity=self.granularity), days=self.most_days)

    def served_by(self, version: str) -> tuple[str, ...]:
        """The pivots that this API version supports."""
        base = version.partition(".")[0]
        return tuple(pivot for pivot, since in self.pivots.items() if since is None or since <= base)

    def chosen(self, text: str, *, version: str) -> tuple[str, ...]:
        """Read its setting: `all`, or LinkedIn's names separated by commas; those that the API version supports.

        Raises:
            ConfigError: a name is none of its pivots, or the version supports none of them.
        """
        names = [name.strip().upper() for name in text.split(",") if name.strip()]
        served = self.served_by(version)
        if self.chosen_by is None or names in ([], ["ALL"]):
            return served
        for name in names:
            if name not in self.pivots:
                unknown = unknown_name(self.chosen_by.noun, name, list(self.pivots))
                raise ConfigError(unknown.summary, meaning=unknown.meaning, fix=unknown.fix)
        chosen = tuple(pivot for pivot in served if pivot in names)
        if not chosen:
            raise ConfigError(
                f"LinkedIn supports {', '.join(names)} in no API version as old as {version}",
                meaning=f"it supports {', '.join(served)}",
                fix=f"choose other {self.chosen_by.name}, or a newer LINKEDIN_API_VERSION",
            )
        return chosen


ANALYTICS = "adAnalytics"  # the resource of every report


@dataclass(frozen=True, slots=True)
class Stream:
    """One asset that LinkedIn fills.

    Attributes:
        name: of the asset, and of its table unless it shares one.
        group: what it is synced with.
        partitioning: how it is cut.
        source: how its elements are requested.
        parent: the stream of the records that this stream's records belong to.
        history: whether every version of a record is kept.
        optional: whether it is loaded only where `LAC_STREAMS` names it.
        spared: whether it is skipped, and fails nothing, where LinkedIn does not let the token read it.
        needs: the OAuth scopes of which the token has to have one; empty where every stream of its kind needs the same.
        shares: the table that holds its rows beside those of other streams; None where the table of its name does.
        day: the column that holds the UTC day, or the month's first day, where it is not that of its partitioning.
        overview: the table that its page shows of an account.
        members: the columns of its table that say who a member is; its page does not show them.
    """

    name: str
    group: AssetGroup
    partitioning: Partitioning
    source: Resource | Report
    parent: str | None = None
    history: bool = False
    optional: bool = False
    spared: bool = False
    needs: tuple[str, ...] = ()
    shares: str | None = None
    day: str | None = None
    overview: Overview | None = None
    members: tuple[str, ...] = ()

    @property
    def table(self) -> str:
        """The table that holds its rows."""
        return self.shares or self.name

    @property
    def day_column(self) -> str | None:
        """The column of its table that holds the UTC day, or the month's first day; None where there are no days."""
        column: str | None = self.partitioning.value
        return self.day or column

    @property
    def monthly(self) -> bool:
        """Whether it is loaded by whole months."""
        return self.partitioning is Partitioning.ACCOUNT_MONTH

    @property
    def endpoint(self) -> str:
        """LinkedIn's resource, without whose quota it cannot be synced."""
        return ANALYTICS if isinstance(self.source, Report) else self.source.name

    @property
    def holds_personal_data(self) -> bool:
        """Whether its records hold, where a setting allows it, what members filled in about themselves."""
        projection = self.resource.projection if self.resource is not None else None
        return projection is not None and bool(projection.personal)

    @property
    def oauth_scopes(self) -> tuple[str, ...]:
        """The OAuth scopes of which the token has to have one. Source: LinkedIn's pages on its resources."""
        return self.needs or (("r_ads_reporting",) if isinstance(self.source, Report) else ("r_ads", "rw_ads"))

    @property
    def upstream(self) -> tuple[str, ...]:
        """The streams that it needs: its parent, and the one that shows what it is requested for."""
        one_by_one = self.report.one_by_one if self.report is not None else None
        return tuple(name for name in (self.parent, one_by_one and one_by_one.counted_in) if name)

    @property
    def needed(self) -> tuple[str, ...]:
        """The streams without which it is not loaded: those upstream, and the one of whose rows its own are parts."""
        whole = self.report.adds_up_to if self.report is not None else None
        return (*self.upstream, *([whole.stream] if whole is not None else []))

    @property
    def opened_by(self) -> PivotSetting | None:
        """The setting that says whether it is loaded, where `LAC_STREAMS` does not."""
        chosen_by = self.report.chosen_by if self.report is not None else None
        return chosen_by if chosen_by is not None and chosen_by.opens else None

    @property
    def report(self) -> Report | None:
        """The report that it is, if it is one."""
        return self.source if isinstance(self.source, Report) else None

    def left_out_by(self, pivots: str) -> str:
        """The step that leaves pivots out of what is read, for a person: by their setting, or else with the stream."""
        setting = self.report.chosen_by if self.report is not None else None
        return f"leave {self.name} out of LAC_STREAMS" if setting is None else f"leave {pivots} out of {setting.name}"

    @property
    def resource(self) -> Resource | None:
        """The resource that it lists, if it does."""
        return self.source if isinstance(self.source, Resource) else None
