"""The same comparison in scripts with and without spaces, from the left and from the right."""

from __future__ import annotations

import pytest
from comparing import compare, item

from feedhub.match import prepare
from feedhub.match.text.spelling import fold
from feedhub.match.text.tokens import codes as coded
from feedhub.match.text.tokens import decoded, spellings

#: language: (headline, text, headline of another event, its text)
TEXTS = {
    "zh": (
        "奥蒙德湖渡轮沉没，34人死亡",
        "一艘载着村民前往集市的渡轮周二在奥蒙德湖遭遇强风倾覆，造成至少34人死亡，数十人失踪，省长说。这艘渡"
        "轮黎明后不久离开托尔维克码头，载有约120名乘客，上层甲板堆放着水泥。附近渔民驾小船从冰冷的湖水中救"
        "起幸存者，第一艘巡逻艇近一个小时后才到达。",
        "哈尔松河渡轮沉没，12人死亡",
        "一艘载着工人前往矿区的渡轮周四在哈尔松河撞上桥墩沉没，造成至少12人死亡，多人受伤，警方说。这艘渡轮"
        "傍晚离开码头，载有约60名乘客。",
    ),
    "ja": (
        "オルムンド湖でフェリー転覆、34人死亡",
        "市場に向かう村人を乗せたフェリーが火曜日、オルムンド湖で強風のため転覆し、少なくとも34人が死亡、数"
        "十人が行方不明になったと州知事が明らかにした。フェリーは夜明け直後にトルビク港を出港し、約120人の"
        "乗客とセメント袋を積んでいた。漁師たちが小舟で冷たい水から生存者を救助した。",
        "ハルスン川でフェリー沈没、12人死亡",
        "鉱山に向かう作業員を乗せたフェリーが木曜日、ハルスン川で橋脚に衝突して沈没し、少なくとも12人が死亡"
        "したと警察が明らかにした。",
    ),
    "ar": (
        "غرق عبارة في بحيرة أورموند ومقتل 34 شخصا",
        "قال حاكم الإقليم إن عبارة كانت تقل قرويين إلى سوق أسبوعية انقلبت يوم الثلاثاء وسط رياح قوية في "
        "بحيرة أورموند مما أسفر عن مقتل 34 شخصا على الأقل وفقدان العشرات. وغادرت العبارة رصيف تولفيك بعد"
        " الفجر بقليل وعلى متنها نحو 120 راكبا وحمولة من أكياس الأسمنت. وانتشل صيادون في قوارب صغيرة ناج"
        "ين من المياه الباردة قبل وصول أول زورق دورية بعد نحو ساعة.",
        "غرق عبارة في نهر هارسون ومقتل 12 شخصا",
        "قالت الشرطة إن عبارة كانت تقل عمالا إلى منجم اصطدمت يوم الخميس بدعامة جسر في نهر هارسون مما أسف"
        "ر عن مقتل 12 شخصا على الأقل وإصابة آخرين.",
    ),
    "hi": (
        "ओरमुंड झील में नौका डूबी, 34 की मौत",
        "साप्ताहिक बाज़ार जा रहे ग्रामीणों को ले जा रही एक नौका मंगलवार को ओरमुंड झील में तेज़ हवाओं के "
        "बीच पलट गई, जिससे कम से कम 34 लोगों की मौत हो गई और दर्जनों लापता हैं, प्रांत के राज्यपाल ने बत"
        "ाया। नौका सुबह होते ही तोल्विक घाट से लगभग 120 यात्रियों और सीमेंट की बोरियों के साथ रवाना हुई "
        "थी। मछुआरों ने छोटी नावों में ठंडे पानी से लोगों को बाहर निकाला।",
        "हारसुंड नदी में नौका डूबी, 12 की मौत",
        "खदान जा रहे मज़दूरों को ले जा रही एक नौका गुरुवार को हारसुंड नदी में पुल के खंभे से टकराकर डूब "
        "गई, जिससे कम से कम 12 लोगों की मौत हो गई, पुलिस ने बताया।",
    ),
    "ru": (
        "Паром затонул на озере Ормунд, погибли 34 человека",
        "Паром, перевозивший жителей деревень на еженедельный рынок, перевернулся во вторник при сильном"
        " ветре на озере Ормунд, погибли не менее 34 человек, десятки пропали без вести, сообщил губерна"
        "тор провинции. Судно вышло с пристани Тольвик вскоре после рассвета, на борту было около 120 па"
        "ссажиров и груз цемента. Рыбаки на лодках вытаскивали уцелевших из холодной воды до прибытия пе"
        "рвого катера.",
        "Паром затонул на реке Харсун, погибли 12 человек",
        "Паром, перевозивший рабочих на шахту, в четверг столкнулся с опорой моста на реке Харсун и зато"
        "нул, погибли не менее 12 человек, сообщила полиция.",
    ),
    "th": (
        "เรือข้ามฟากล่มในทะเลสาบออร์มุนด์ เสียชีวิต 34 ราย",
        "เรือข้ามฟากที่บรรทุกชาวบ้านไปตลาดนัดประจำสัปดาห์พลิกคว่ำเมื่อวันอังคารท่ามกลางลมแรงในทะเลสาบออร"
        "์มุนด์ ส่งผลให้มีผู้เสียชีวิตอย่างน้อย 34 ราย และสูญหายอีกหลายสิบคน ผู้ว่าการจังหวัดกล่าว เรืออ"
        "อกจากท่าเรือหลังรุ่งสางไม่นานพร้อมผู้โดยสารประมาณ 120 คน ชาวประมงในเรือเล็กช่วยผู้รอดชีวิตขึ้นจ"
        "ากน้ำเย็น",
        "เรือข้ามฟากจมในแม่น้ำฮาร์ซุน เสียชีวิต 12 ราย",
        "เรือข้ามฟากที่บรรทุกคนงานไปเหมืองชนเสาสะพานเมื่อวันพฤหัสบดีในแม่น้ำฮาร์ซุน ส่งผลให้มีผู้เสียชีวิตอย่างน้อย 12 ราย ตำรวจกล่าว",
    ),
    "es": (
        "Naufraga un transbordador en el lago Ormund: 34 muertos",
        "Un transbordador que llevaba a vecinos al mercado semanal volcó el martes por el fuerte viento "
        "en el lago Ormund y causó la muerte de al menos 34 personas, mientras decenas siguen desapareci"
        "das, informó la gobernadora. La nave había salido del muelle de Tolvik poco después del amanece"
        "r con unos 120 pasajeros y una carga de cemento. Pescadores en pequeñas barcas sacaron a los su"
        "pervivientes del agua fría.",
        "Choca un transbordador en el río Harsun: 12 muertos",
        "Un transbordador que llevaba a obreros a la mina chocó el jueves con un pilar del puente sobre "
        "el río Harsun y se hundió, con al menos 12 muertos, según la policía.",
    ),
    "de": (
        "Fähre sinkt auf dem Ormundsee: 34 Tote",
        "Eine Fähre mit Dorfbewohnern auf dem Weg zum Wochenmarkt ist am Dienstag bei starkem Wind auf d"
        "em Ormundsee gekentert, mindestens 34 Menschen kamen ums Leben, Dutzende werden vermisst, wie d"
        "ie Gouverneurin mitteilte. Das Schiff hatte die Anlegestelle Tolvik kurz nach Sonnenaufgang mit"
        " etwa 120 Fahrgästen und einer Ladung Zement verlassen. Fischer zogen Überlebende in kleinen Bo"
        "oten aus dem kalten Wasser.",
        "Fähre sinkt auf der Harsun: 12 Tote",
        "Eine Fähre mit Arbeitern auf dem Weg zum Bergwerk ist am Donnerstag auf der Harsun gegen einen "
        "Brückenpfeiler gefahren und gesunken, mindestens 12 Menschen starben, teilte die Polizei mit.",
    ),
}

CASES = pytest.mark.parametrize(("head", "text", "other_head", "other"), TEXTS.values(), ids=TEXTS.keys())


@CASES
def test_a_copy_under_another_headline_is_merged(head: str, text: str, other_head: str, other: str) -> None:
    assert compare(item("a", head, text), item("b", text[:18], text)).merged


@CASES
def test_a_copy_cut_from_the_bottom_is_merged(head: str, text: str, other_head: str, other: str) -> None:
    assert compare(item("a", head, text), item("b", head, text[: len(text) * 6 // 10])).merged


@CASES
def test_a_like_report_of_another_event_stays_apart(head: str, text: str, other_head: str, other: str) -> None:
    assert not compare(item("a", head, text), item("b", other_head, other)).merged


@CASES
def test_another_toll_is_a_revision_today_and_another_story_in_two_days(
    head: str, text: str, other_head: str, other: str
) -> None:
    newer = text.replace("34", "36")
    assert compare(item("a", head, text), item("b", head.replace("34", "36"), newer, hours=3)).merged
    assert not compare(item("a", head, text), item("b", head.replace("34", "36"), newer, hours=50)).merged


@CASES
def test_words_are_counted_alike_in_every_script(head: str, text: str, other_head: str, other: str) -> None:
    prepared = item("a", head, text)
    assert 40 <= prepared.size <= 120
    assert len(spellings(text)) == len(prepared.body)


@pytest.mark.parametrize("digits", ["٠١٢٣٤٥٦٧٨٩", "०१२३४५६७८९", "０１２３４５６７８９", "๐๑๒๓๔๕๖๗๘๙"])
def test_digits_of_every_script_are_one(digits: str) -> None:
    text = "ferry 1987 sank with 34 aboard"
    assert (
        decoded(coded(text)).hashes == decoded(coded(text.translate(str.maketrans("0123456789", digits)))).hashes
    ).all()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1,250", "1250"),
        ("ＦＥＲＲＹ", "ferry"),
        ("Straße", "STRASSE"),
        ("cafe\u0301", "café"),
        ("می\u200cرود", "میرود"),
    ],
)
def test_spellings_of_one_word_fold_alike(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_an_indic_word_is_not_cut_at_its_vowel_signs() -> None:
    assert spellings("हिन्दी में") == ["हिन्दी", "में"]


def test_quotations_end_with_their_paragraph() -> None:
    quoted = decoded(coded('he said "we will go\nand nobody else spoke')).quoted
    assert quoted.tolist() == [False, False, True, True, True, False, False, False, False]


def test_a_tweet_is_a_quotation_without_marks() -> None:
    prepared = item("a", "", ("The minister answered.", "We are done here — Ana Roe (@anaroe) May 4", "He left."))
    assert prepared.body.quoted.tolist() == [False] * 3 + [True] * 9 + [False] * 2
    assert prepare(prepared.copy).key == prepared.key
