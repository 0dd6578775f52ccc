"""The table of what ads say and where they lead."""

from __future__ import annotations

from sqlalchemy import Column

from lac_pipeline.warehouse.schema.base import Base, RowTimes
from lac_pipeline.warehouse.schema.declaring import table_column


def _text(comment: str) -> Column[str | None]:
    return table_column(comment=comment)


def _utm(name: str) -> Column[str | None]:
    return table_column(comment=f"The landing page's parameter {name}, decoded.")


class AdContentRow(RowTimes, Base):
    """What a creative, post or message says, and where it leads."""

    __tablename__ = "ad_contents"
    __table_args__ = (
        {
            "comment": "One row per creative with a content of its own, and per post or message that creatives show "
            "and that LinkedIn let be read. The view creative_content joins them."
        },
    )

    urn: Column[str] = table_column(primary_key=True, comment="URN of the creative, post or message.")
    headline: Column[str | None] = _text("Headline of the ad, or the subject of a message.")
    text: Column[str | None] = _text("Text of the ad, plain.")
    call_to_action: Column[str | None] = _text(
        "Label of its button: LinkedIn's, such as LEARN_MORE, or as the advertiser wrote it."
    )
    landing_page: Column[str | None] = _text("URL that a click leads to, as the advertiser wrote it.")
    landing_page_host: Column[str | None] = _text("Host of the landing page, in lower case; NULL where it has none.")
    landing_page_path: Column[str | None] = _text("Path of the landing page, without parameters.")
    utm_source: Column[str | None] = _utm("utm_source")
    utm_medium: Column[str | None] = _utm("utm_medium")
    utm_campaign: Column[str | None] = _utm("utm_campaign")
    utm_term: Column[str | None] = _utm("utm_term")
    utm_content: Column[str | None] = _utm("utm_content")
    utm_id: Column[str | None] = _utm("utm_id")
