"""The lead forms of an ad account: guides, demos and webinars, in the languages of its market."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from lac_pipeline.linkedin.urn import ACCOUNT, LEAD_FORM, urn
from lac_pipeline.simulator.world.entities import LEAD_FORMS, Entities, Entity, Record
from lac_pipeline.simulator.world.entity_records import milliseconds

Locale = tuple[str, str]
"""A language and a country, such as `("sv", "SE")`."""
Texts = Mapping[str, str]
"""A text by language."""

_OPENED = date(2022, 5, 9)
_FIRST_QUESTION = 1010
_QUESTIONS_APART = 10_000_000

_FIELDS: Mapping[str, Texts] = {
    "FIRST_NAME": {"en": "First name", "de": "Vorname", "ja": "名"},
    "LAST_NAME": {"en": "Last name", "de": "Nachname", "ja": "姓"},
    "EMAIL": {"en": "Email address", "de": "E-Mail-Adresse", "ja": "メールアドレス"},
    "WORK_EMAIL": {"en": "Work email", "de": "Geschäftliche E-Mail-Adresse", "ja": "勤務先メールアドレス"},
    "COMPANY_NAME": {"en": "Company name", "de": "Unternehmen", "ja": "会社名"},
    "JOB_TITLE": {"en": "Job title", "de": "Jobbezeichnung", "ja": "役職"},
    "PHONE_NUMBER": {"en": "Phone number", "de": "Telefonnummer", "ja": "電話番号"},
}
_WHEN: Texts = {
    "en": "When do you plan to replace your closing software?",
    "de": "Wann wollen Sie Ihre Abschluss-Software ablösen?",
    "ja": "決算ソフトの入れ替え時期をお選びください。",
}
_OPTIONS: Mapping[str, Sequence[str]] = {
    "en": ("Within three months", "This year", "Later", "No plans"),
    "de": ("In drei Monaten", "Dieses Jahr", "Später", "Gar nicht"),
    "ja": ("3か月以内", "今年中", "それ以降", "予定なし"),
}
_CONSENT: Texts = {
    "en": "Northwind may write to me about its products.",
    "de": "Northwind darf mir zu seinen Produkten schreiben.",
    "ja": "製品に関するご案内を受け取ります。",
}


@dataclass(frozen=True, slots=True)
class Offer:
    """What a form is for.

    Attributes:
        name: of the form.
        path: of the page that it leads to.
        button: the label of the button after it was sent.
        fields: the predefined questions.
        headline: by language.
        description: by language.
        thanks: by language.
        planned: whether it asks when the member plans to buy.
    """

    name: str
    path: str
    button: str
    fields: tuple[str, ...]
    headline: Texts
    description: Texts
    thanks: Texts
    planned: bool = False


_THANKS: Texts = {
    "en": "Thank you! Read on here.",
    "de": "Danke! Hier geht es weiter.",
    "ja": "ありがとうございます。続きはこちら。",
}
_OFFERS = (
    Offer(
        "CFO guide",
        "/guides/close-in-three-days",
        "DOWNLOAD",
        ("FIRST_NAME", "LAST_NAME", "EMAIL", "COMPANY_NAME", "JOB_TITLE"),
        {
            "en": "The CFO guide to a faster close",
            "de": "Leitfaden für den schnellen Abschluss",
            "ja": "決算早期化ガイド",
        },
        {
            "en": "Twelve steps from day nine to day three, with a checklist for each.",
            "de": "In zwölf Schritten von neun Tagen zu dreien, jeder mit Checkliste.",
            "ja": "9日から3日へ。12のステップとチェックリスト。",
        },
        _THANKS,
    ),
    Offer(
        "Demo request",
        "/demo",
        "VISIT_COMPANY_WEBSITE",
        ("FIRST_NAME", "LAST_NAME", "WORK_EMAIL", "PHONE_NUMBER", "COMPANY_NAME"),
        {"en": "See Northwind close a month", "de": "Northwind im Einsatz sehen", "ja": "デモのお申し込み"},
        {
            "en": "Thirty minutes with one of our controllers, on your own chart of accounts.",
            "de": "Dreißig Minuten mit einem unserer Controller, an Ihrem Kontenplan.",
            "ja": "貴社の勘定科目で30分のデモをご覧いただけます。",
        },
        {
            "en": "Thank you! We call you within a day.",
            "de": "Danke! Wir rufen Sie innerhalb eines Tages an.",
            "ja": "ありがとうございます。1日以内にご連絡します。",
        },
        planned=True,
    ),
    Offer(
        "Webinar: audit season",
        "/webinars/audit-season",
        "VIEW_NOW",
        ("FIRST_NAME", "LAST_NAME", "EMAIL", "JOB_TITLE"),
        {"en": "Audit season without overtime", "de": "Prüfungssaison ohne Überstunden", "ja": "監査対応セミナー"},
        {
            "en": "Live with two auditors; the recording follows by email.",
            "de": "Live mit zwei Prüferinnen; die Aufzeichnung kommt per E-Mail.",
            "ja": "監査人2名が登壇。録画は後日メールでお送りします。",
        },
        _THANKS,
    ),
)
FORMS = len(_OFFERS)
"""So many that an account has published in each locale."""


def add_lead_forms(entities: Entities, account_id: int, *, first_id: int, locales: Sequence[Locale]) -> list[str]:
    """Give an account its forms in some locales, and one that it no longer uses; return the URNs of those in use."""
    in_use = [(offer, locale) for locale in locales for offer in _OFFERS]
    for n, (offer, locale) in enumerate([*in_use, (_OFFERS[0], locales[0])]):
        retired = n == len(in_use)
        record = _record(first_id + n, account_id, offer, locale, state="ARCHIVED" if retired else "PUBLISHED", n=n)
        entities.add(Entity(LEAD_FORMS, first_id + n, account_id, account_id, record))
    return [urn(LEAD_FORM, first_id + n) for n in range(len(in_use))]


def _record(form_id: int, account_id: int, offer: Offer, locale: Locale, *, state: str, n: int) -> Record:
    language, country = locale
    created = milliseconds(_OPENED) + n * 86_400_000

    def localized(texts: Texts) -> Record:
        return {"localized": {f"{language}_{country}": texts[language]}}

    page = f"https://www.northwind.example{offer.path}?utm_source=linkedin&utm_medium=lead%20form&utm_content={form_id}"
    return {
        "id": form_id,
        "owner": {"sponsoredAccount": urn(ACCOUNT, account_id)},
        "name": f"{offer.name} ({language.upper()})" + (" v1" if state == "ARCHIVED" else ""),
        "state": state,
        "versionId": 1 + n % 3,
        "created": created,
        "lastModified": created + 86_400_000,
        "creationLocale": {"country": country, "language": language},
        "reviewInfo": {"reviewStatus": "APPROVED", "lastUpdated": created + 3_600_000, "rejectionReasons": []},
        "hiddenFields": [{"name": "campaign_owner", "value": "demand gen"}],
        "content": {
            "headline": localized(offer.headline),
            "description": localized(offer.description),
            "questions": [
                {"questionId": _question_id(form_id, k), **question}
                for k, question in enumerate(_questions(offer, locale))
            ],
            "legalInfo": {
                "legalInfoId": 1_000_000_000 + form_id,
                "privacyPolicyUrl": "https://www.northwind.example/privacy",
                "legalDisclaimer": {"localized": {}},
                "consents": [{"id": 0, "consent": localized(_CONSENT), "checkRequired": False}],
            },
            "postSubmissionInfo": {
                "message": localized(offer.thanks),
                "callToAction": {
                    "callToActionLabel": offer.button,
                    "callToActionTarget": {"landingPageUrl": page},
                },
            },
        },
    }


def _question_id(form_id: int, place: int) -> int:
    return (_FIRST_QUESTION + place) * _QUESTIONS_APART + form_id


def _questions(offer: Offer, locale: Locale) -> list[Record]:
    language, country = locale
    questions = [
        {
            "name": _FIELDS[name]["en"],
            "predefinedField": name,
            "question": {"localized": {f"{language}_{country}": _FIELDS[name][language]}},
            "questionDetails": {"textQuestionDetails": {"maxResponseLength": 300}},
            "responseRequired": name != "PHONE_NUMBER",
            "responseEditable": True,
        }
        for name in offer.fields
    ]
    if offer.planned:
        options = [
            {"id": n, "text": {"localized": {f"{language}_{country}": text}}}
            for n, text in enumerate(_OPTIONS[language])
        ]
        questions.append(
            {
                "name": "Planned purchase",
                "question": {"localized": {f"{language}_{country}": _WHEN[language]}},
                "questionDetails": {"multipleChoiceQuestionDetails": {"options": options}},
                "responseRequired": False,
                "responseEditable": True,
            }
        )
    return questions
