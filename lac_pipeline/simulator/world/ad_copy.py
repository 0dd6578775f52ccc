"""What the demo's ads say, in the language of those whom they are for: headline, text and button."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lac_pipeline.simulator.world.entities import AdCopy

LANGUAGES = {"EMEA": "en", "AMER": "en", "JP": "ja"}
"""What the ads of a market are written in."""
_BUTTONS = {"en": "Read more", "ja": "詳しく見る"}
_AUDIENCES = {"en": "For controllers and CFOs", "ja": "経理責任者・CFOの皆さまへ"}

_ENGLISH = """
guide
The CFO guide to a faster close
Nine days to close the month? Twelve steps take finance teams to three. Get the guide.

guide
Close the month in three days
Your board wants the numbers sooner. See how 40 finance teams cut their close by two thirds.

steps
Five steps to a calmer month end
Who signs what, and when? Five steps that operations and finance agree on before the month ends.

steps
What a late close costs
Every day of delay costs a mid-sized company more than it thinks. Do the sum for yours.

film
Close the books
The last working day, 18:00. One finance team, three screens, and everyone leaves on time.

film
Month end, in one minute
What changes when the ledger reconciles itself? Watch a close from start to end.

demo
See your own numbers, closed
Book 20 minutes: one of our controllers closes a month on your own chart of accounts.

demo
Book a demo in 20 minutes
No slides. We load your trial balance, and you say where to click.

paper
The three-day month end: whitepaper
The whitepaper that 2,000 controllers have read: what to close first, and what can wait.

paper
The month-end checklist
31 tasks, in the order in which they block each other. Yours to copy.

webinar
Webinar: month end, live
We close a month live on stage, mistakes included. Thursday, 45 minutes.

webinar
Webinar: last seats
Three controllers, one ledger, and time for yours. The last seats are open.

letter
An invitation for controllers
Hello, we invite twelve controllers to look at how others close. May we send you the agenda?

letter
The guide to a three-day close
Hello, here is how other controllers do it, with the checklist that goes with it.

text
Close faster
Month end in three days.

text
Month end in 3 days
A calmer month end.

brand
Year end without overtime
The countdown is on. A checklist for the weeks before and after the 31st.

brand
Finance, on time
Northwind closes the books of 900 companies. On time, every month.

hiring
We hire accountants
Accountants who would rather automate a close than repeat it: come and build it with us.

hiring
We hire engineers
Engineers who like ledgers exist. We are forty of them, and have room for more.
"""
_JAPANESE = """
guide
CFOのための決算早期化ガイド
月次決算に9日かかっていませんか。12のステップで3日に短縮する方法をまとめました。

guide
月次決算を3営業日で
経営会議に、より早く数字を。40社の経理部門が決算を短縮した進め方をご紹介します。

steps
月末業務を整える5つのステップ
誰が、いつ承認するのか。月末を迎える前に部門間で決めておきたい5つのことをまとめました。

steps
決算の遅れが生むコスト
決算が1日遅れると、いくらかかるのでしょうか。貴社の場合を試算してみませんか。

film
月末の経理部門、ある一日
最終営業日の18時。誰も残業しない経理部門の一日をご覧ください。

film
1分でわかる決算自動化
照合が自動で終わると、何が変わるのか。決算の始まりから終わりまでを1分で。

demo
貴社の勘定科目で決算デモ
20分で、貴社の勘定科目を使った月次決算をご覧いただけます。

demo
20分デモのお申し込み
資料の説明はありません。試算表を読み込み、ご質問にその場でお答えします。

paper
月次決算3日化ホワイトペーパー
何から締め、何を後に回すか。2,000名の経理担当者が読んだホワイトペーパーです。

paper
月次決算チェックリスト
31の作業を、依存関係の順に並べました。そのままお使いいただけます。

webinar
ウェビナー「月次決算ライブ」
月次決算を、その場で実演します。木曜日、45分間。

webinar
ウェビナー「月次決算ライブ」残席わずか
3名の経理責任者が、皆さまのご質問にお答えします。残席わずかです。

letter
経理責任者の皆さまへのご案内
他社の決算の進め方を学ぶ少人数の会を開催します。プログラムをお送りしてもよろしいでしょうか。

letter
決算早期化ガイドのお届け
3日で締めるためのガイドを、チェックリストとあわせてお届けします。

text
決算をもっと早く
月次決算を3日で。

text
月次決算を3日で
月末業務を、もっと楽に。

brand
残業のない年末決算へ
年末まで、あとわずか。前後の数週間に役立つチェックリストをご用意しました。

brand
経理に、時間を。
900社の決算を支えるNorthwind。毎月、予定どおりに。

hiring
経理経験者を募集しています
決算を繰り返すより、自動化したい。そんな経理経験者をお待ちしています。

hiring
エンジニアを募集しています
会計システムづくりに関心のあるエンジニアを募集しています。
"""
"""Theme, headline and text of each ad, the same themes in every language."""


@dataclass(frozen=True, slots=True)
class _Wording:
    """The headline of an ad, and the text above it."""

    headline: str
    intro: str


def _by_theme(texts: str) -> Mapping[str, Sequence[_Wording]]:
    found: dict[str, list[_Wording]] = {}
    for ad in texts.strip().split("\n\n"):
        theme, headline, intro = ad.split("\n")
        found.setdefault(theme, []).append(_Wording(headline, intro))
    return found


_WORDINGS = {"en": _by_theme(_ENGLISH), "ja": _by_theme(_JAPANESE)}


def copy_of(theme: str, market: str, n: int, *, name: str) -> AdCopy:
    """What the nth ad of a campaign says.

    Args:
        theme: of the campaign.
        market: whom it is for, such as `EMEA`.
        n: place of the ad, from 0.
        name: what the advertiser calls the ad in English; in other languages it is called after its headline.
    """
    language = LANGUAGES[market]
    wordings = _WORDINGS[language][theme]
    wording = wordings[n % len(wordings)]
    named = name if language == "en" else f"{wording.headline} {n + 1}"
    return AdCopy(named, wording.headline, wording.intro, _BUTTONS[language], _AUDIENCES[language])
