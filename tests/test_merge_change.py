"""What moves `updated`, and what a correction says: numbers in words, negations, counters, adverts."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from random import Random

import pytest

from feedhub.merge import Member
from feedhub.merge.change import compare, correction, readable
from feedhub.merge.headline_case import title_of
from feedhub.merge.number_values import differ
from feedhub.merge.volatile_text import steady, without_linked
from feedhub.model import Copy, EntryKey, Publisher, Relation

LEDE = "workers died and eleven were hurt when a scaffold fell inside the spillway of the dam, officials said."


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Three workers died when a scaffold fell at the dam.", "Five workers died when a scaffold fell at the dam."),
        ("One worker died when the scaffold fell.", "Two workers died when the scaffold fell."),
        ("Bei dem Unfall starben elf Arbeiter am Damm.", "Bei dem Unfall starben zwölf Arbeiter am Damm."),
        ("Bei dem Unfall starben dreiundzwanzig Arbeiter.", "Bei dem Unfall starben vierundzwanzig Arbeiter."),
        ("Six ouvriers sont morts au barrage mardi.", "Sept ouvriers sont morts au barrage mardi."),
        ("Murieron once obreros en la presa del lago.", "Murieron doce obreros en la presa del lago."),
        ("Sex arbetare dog vid dammen på tisdagen.", "Sju arbetare dog vid dammen på tisdagen."),
        ("To arbeidere døde ved demningen tirsdag.", "Fire arbeidere døde ved demningen tirsdag."),
        ("На плотине погибли пять рабочих во вторник.", "На плотине погибли шесть рабочих во вторник."),
        ("बांध पर तीन मज़दूरों की मौत हुई।", "बांध पर पांच मज़दूरों की मौत हुई।"),
        ("قتل ثلاثة عمال في السد يوم الثلاثاء.", "قتل خمسة عمال في السد يوم الثلاثاء."),
        ("שלושה פועלים נהרגו בסכר ביום שלישי.", "חמישה פועלים נהרגו בסכר ביום שלישי."),
        ("ダムの足場が崩れ、三人が死亡した。", "ダムの足場が崩れ、五人が死亡した。"),
        ("大坝脚手架倒塌，造成34人死亡。", "大坝脚手架倒塌，造成36人死亡。"),
        ("Baraja iskele çöktü, üç işçi öldü.", "Baraja iskele çöktü, beş işçi öldü."),
        ("Damages of two million were claimed by the firm.", "Damages of two billion were claimed by the firm."),
    ],
)
def test_a_number_in_words_is_a_fact_in_every_language(old: str, new: str) -> None:
    assert compare(old, new).facts
    assert compare(new, old).facts


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Three workers died at the dam on Tuesday.", "3 workers died at the dam on Tuesday."),
        ("Thirty-nine workers died at the dam on Tuesday.", "39 workers died at the dam on Tuesday."),
        ("Two hundred and ten workers left the dam.", "210 workers left the dam."),
        ("Some 1,180 workers left the dam on Tuesday.", "Some 1180 workers left the dam on Tuesday."),
        ("Dreiundzwanzig Arbeiter verließen den Damm.", "23 Arbeiter verließen den Damm."),
        ("Vingt-trois ouvriers ont quitté le barrage.", "23 ouvriers ont quitté le barrage."),
        ("Трое рабочих погибли на плотине.", "3 рабочих погибли на плотине."),
        ("The boat set off on Tuesday for the dam.", "The boat set out on Tuesday for the dam."),
        ("The elf of the dam spoke on Tuesday.", "The troll of the dam spoke on Tuesday."),
    ],
)
def test_another_way_to_write_a_number_and_words_that_are_none_are_no_facts(old: str, new: str) -> None:
    assert not compare(old, new).facts


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Il ponte è crollato con danni ai pilastri.", "Il ponte è crollato senza danni ai pilastri."),
        ("Der Damm ist nach dem Regen sicher.", "Der Damm ist nach dem Regen nicht sicher."),
        ("El puente tiene licencia de obras.", "El puente no tiene licencia de obras."),
        ("The dam was safe after the rain.", "The dam wasn't safe after the rain."),
        ("Bron är öppen efter regnet i natt.", "Bron är inte öppen efter regnet i natt."),
        ("Jembatan itu aman setelah hujan.", "Jembatan itu tidak aman setelah hujan."),
    ],
)
def test_a_negation_is_a_fact_in_every_language(old: str, new: str) -> None:
    assert compare(old, new).facts


@pytest.mark.parametrize(
    "line",
    [
        "Points: {}", "# Comments: {}", "{} points by ada | {} comments | {} minutes ago", "{} Kommentare",
        "Aufrufe: {}", "{} commentaires", "Vues : {}", "{} visualizações", "Me gusta {}", "{} просмотров",
        "Просмотров: {}", "{} yorum", "閲覧数：{}", "コメント {}件", "{}次浏览", "조회수 {}", "{} टिप्पणियां",
        "{} min read", "vor {} Minuten", "il y a {} heures", "hace {} minutos", "{} минут назад", "{}分前",
        "1,{} views", "💬 {}", "▲ {} points by ada", "Lesedauer: {} Minuten", "Reading time: {} minutes", "浏览量：{}",
        "Vu {} fois", "Gelezen: {} keer", "อ่าน {} ครั้ง", "{} lượt xem", "View all {} comments", "Přečteno {}x",
        "Advertisement: save {} per cent on boots", "[Sponsored] Boots from {} euros", "Anzeige – Stiefel ab {} Euro",
    ],
)  # fmt: skip
def test_what_a_page_counts_and_sells_is_no_news(line: str) -> None:
    old, new = (f"Three {LEDE}\n{line.replace('{}', number)}" for number in ("10", "133"))
    assert steady(old) == steady(new) == f"Three {LEDE}"


@pytest.mark.parametrize(
    "line",
    [
        "The page drew {} comments in a day, more than any before.",
        "Smith: {} votes",
        "→ {} dead in the north",
        "Price: {} euros",
        "The council counted {} votes against the bridge.",
        "Advertising rose {} per cent last year.",
        "He left the party {} years ago and never came back.",
        "Ad {} of the rules says that nobody may fish here.",
    ],
)
def test_numbers_in_prose_and_results_stay_news(line: str) -> None:
    assert compare(*(steady(f"{LEDE}\n{line.replace('{}', number)}") for number in ("10", "133"))).facts


def test_a_block_that_is_one_link_beside_a_text_is_no_news() -> None:
    text = f"<p>Three {LEDE}</p>"
    old, new = (f'{text}<p><a href="https://shop.example/{n}">Boots for {n} euros</a></p>' for n in (1, 2))
    assert readable(without_linked(old)) == readable(without_linked(new)) == f"Three {LEDE}"
    alone = '<p><a href="https://a.example/1">Three workers died</a></p>'
    assert without_linked(alone) == alone, "a post that is a link says what the link says"
    inside = f'<p>Three {LEDE} <a href="https://a.example/1">34 pages</a></p>'
    assert without_linked(inside) == inside


@pytest.mark.parametrize(
    ("old", "new", "note"),
    [
        ("The ferry had 34 aboard.", "The ferry had 36 aboard.", "“34” is now “36” (MPA Wire)."),
        ("He was hurt in the fall.", "He was not hurt in the fall.", "“was hurt” is now “was not hurt” (MPA Wire)."),
        ("The ferry left at dawn.", "The ferry left at noon.", "“dawn” is now “noon” (MPA Wire)."),
        ("The ferry left.", "The ferry left.", "MPA Wire has corrected this story."),
    ],
)
def test_the_note_of_a_correction_says_what_changed_or_who_changed_it(old: str, new: str, note: str) -> None:
    assert correction(compare(old, new), "MPA Wire") == note


def test_a_language_is_not_taken_for_another() -> None:
    assert differ(["six"], ["sept"])
    assert not differ(["on"], ["off"])
    assert not differ(["to"], ["for"])


ALIKE = (
    ("17%", "17 por ciento"),
    ("17", "17 per cento"),
    ("9 pour cent", "9%"),
    ("9-year-old", "nine-year-old"),
    ("three-day", "3-day"),
    ("one-off", "single"),
    ("ciento", "100"),
    ("cent trois", "103"),
    ("12 la sută", "12%"),
    ("quatre-vingts", "80"),
    ("quatre-vingt-trois", "83"),
    ("soixante-douze", "72"),
    ("nonante", "quatre-vingt-dix"),
    ("deux cent quatre-vingts", "280"),
    ("trei sute patruzeci", "340"),
)
OTHER = (
    ("9 pour cent", "8%"),
    ("three-day", "four-day"),
    ("nine-year-old", "19-year-old"),
    ("por ciento veinte", "por 130"),
    ("quatre-vingts", "vingt"),
    ("soixante-douze", "soixante-treize"),
    ("12 la sută", "11%"),
)


@pytest.mark.parametrize(("old", "new"), ALIKE, ids=str)
def test_a_percentage_and_a_leading_number_in_words_are_those_in_figures(old: str, new: str) -> None:
    assert not differ(old.split(), new.split())


@pytest.mark.parametrize(("old", "new"), OTHER, ids=str)
def test_other_percentages_and_leading_numbers_are_other_facts(old: str, new: str) -> None:
    assert differ(old.split(), new.split())


def headed(name: str, title: str, **publisher: object) -> Member:
    time = datetime(2026, 3, 10, 12, tzinfo=UTC)
    copy = Copy(key=EntryKey(source=name, guid="1"), outlet=name, title=title, paragraphs=(LEDE,), first_seen=time)
    fields = {"source": name, "name": name, "outlet": name, **publisher}
    return Member(copy=copy, publisher=Publisher(**fields), relation=Relation.COPY)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("title", "other", "speaks"),
    [
        ("THREE DIE AT THE DAM", "Three die at the dam", "b"),
        ("ТРОЕ ПОГИБЛИ НА ПЛОТИНЕ", "Трое погибли на плотине", "b"),
        ("THREE DIE AT THE DAM", "Police look for the owner of a boat", "a"),
        ("THREE DIE AT THE DAM", "THREE DIE AT THE DAM", "a"),
        ("NATO AND EU", "Nato and EU", "b"),
        ("UN: WHO", "UN: Who", "a"),
        ("Three die at the dam", "Three Die at the Dam", "a"),
    ],
)
def test_a_headline_in_capitals_gives_way_to_the_same_in_sentence_case(title: str, other: str, speaks: str) -> None:
    first, second = headed("a", title), headed("b", other)
    assert title_of(first, [first, second]).copy.key.source == speaks
    low = headed("b", other, trust="low")
    assert title_of(first, [first, low]) is first


WORDS = [f"word{number}" for number in range(900)]


def paragraphs(version: int, count: int = 750) -> str:
    """Paragraphs that share two thirds of their words with those of another version."""
    rows = []
    for number in range(count):
        here, now = Random(number), Random(1_000 * number + version)
        rows.append(" ".join(here.sample(WORDS, 22) + now.sample(WORDS, 8)))
    return "\n".join(rows)


def unpunctuated(version: int) -> str:
    return " ".join(Random(version).choices(WORDS[:300], k=60_000))


ABSURD = {
    "750 paragraphs edited": (paragraphs(1), paragraphs(2)),
    "a sentence of 60,000 words": (unpunctuated(1), unpunctuated(2)),
    "the same word again and again": tuple("\n".join("a " * 100 + f"{v}{n}" for n in range(2_000)) for v in "xy"),
    "one word of three megabytes": ("a" * 3_000_000, "b" * 3_000_000),
    "signs without a stop": ("中文" * 100_000, "文中" * 100_000),
}


@pytest.mark.parametrize(("old", "new"), ABSURD.values(), ids=ABSURD)
def test_texts_of_any_length_are_compared_at_a_bounded_cost(old: str, new: str) -> None:
    started = time.process_time()
    compare(old, new)
    assert time.process_time() - started < 6


def test_a_word_put_into_a_text_without_stops_is_no_other_fact() -> None:
    text = " ".join(f"{word} London {number}" for number, word in enumerate(WORDS))
    assert compare(text, f"quietly {text}").facts == ()
    other = compare(text, text.replace("London 450 ", "Leeds 451 "))
    assert other.facts
