"""Choose a locale, find its messages, and write numbers, money and times in it."""

import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

DEFAULT = "en"
OURS = ("en", "de", "de-AT", "pl", "pt-BR", "zh-Hant", "es-419")

# From CLDR: what a tag most likely means, and parents that cutting does not find.
LIKELY = {"pt": "pt-br", "zh-tw": "zh-hant"}
PARENTS = {"es-mx": "es-419", "zh-hant": ""}  # no simplified text for traditional

RANGE = re.compile(
    r"\s*(\*|[a-z]{1,8}(?:-[a-z0-9]{1,8})*)\s*"
    r"(?:;\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*)?",
    re.IGNORECASE,
)


# --8<-- [start:show]
def accepted(header: str) -> list[tuple[str, float]]:
    """Ranges and weights; what is malformed counts as absent."""
    found = (RANGE.fullmatch(item) for item in header[:1000].lower().split(","))
    ranges = [(each[1], float(each[2] or 1)) for each in found if each]
    return sorted(ranges, key=lambda each: -each[1])  # stable: ties keep their order


def lookup(header: str, likely: dict[str, str], parents: dict[str, str]) -> str:
    """RFC 4647, 3.4: cut the wanted range from the end until we have it."""
    wanted = accepted(header)
    refused = {tag for tag, weight in wanted if weight == 0}
    ours = {tag.lower(): tag for tag in OURS if tag.lower() not in refused}
    for tag, weight in wanted:
        if weight == 0:
            continue
        if tag == "*":
            return next(iter(ours.values()), DEFAULT)
        for each in chain(tag, likely, parents):
            if each in ours:
                return ours[each]
    return DEFAULT


def chain(tag: str, likely: dict[str, str], parents: dict[str, str]) -> list[str]:
    """de-at, de; with data also zh-tw, zh-hant and es-mx, es-419, es."""
    tags: list[str] = []
    while tag and tag not in tags:
        tags.append(tag)
        cut = re.sub("(-[^-])?-[^-]+$|^[^-]+$", "", tag)  # -x- goes with what follows
        tag = likely.get(tag) or parents.get(tag, cut)
    return tags


class Messages:
    def __init__(self) -> None:
        self.missing: Counter[str] = Counter()

    def get(self, locale: str, key: str, n: int = 0) -> tuple[str, str]:
        """The text and the locale it came from."""
        for tag in (*chain(locale.lower(), {}, PARENTS), DEFAULT):
            forms = TEXTS.get(tag, {}).get(key)
            if forms:
                if tag == DEFAULT != locale:  # another language shows through
                    self.missing[f"{locale}/{key}"] += 1
                category = PLURALS[tag.partition("-")[0]](n)  # of the text's language
                return forms.get(category, forms["other"]).replace("#", str(n)), tag
        self.missing[f"{locale}/{key}"] += 1
        return f"[{key}]", "none"

    # --8<-- [end:show]


TEXTS = {
    "en": {
        "tomatoes": {"other": "Tomatoes"},
        "checkout": {"other": "Check out"},
        "hours": {"one": "# hour", "other": "# hours"},
        "gifts": {"one": "# gift", "other": "# gifts"},
    },
    "de": {
        "tomatoes": {"other": "Tomaten"},
        "checkout": {"other": "Zur Kasse"},
        "hours": {"one": "# Stunde", "other": "# Stunden"},
    },
    "de-at": {"tomatoes": {"other": "Paradeiser"}},
    "pl": {"hours": {"one": "# godzina", "few": "# godziny", "many": "# godzin"}},
}
TEXTS["pl"]["hours"]["other"] = "# godziny"  # for fractions


def english(n: int) -> str:
    return "one" if n == 1 else "other"


def polish(n: int) -> str:
    if n == 1:
        return "one"
    return "few" if n % 10 in (2, 3, 4) and n % 100 not in (12, 13, 14) else "many"


def arabic(n: int) -> str:
    if n < 3:
        return ("zero", "one", "two")[n]
    if n % 100 < 3:
        return "other"
    return "few" if n % 100 <= 10 else "many"


PLURALS: dict[str, Callable[[int], str]] = {
    "en": english,
    "de": english,  # the same for whole numbers
    "pl": polish,
    "ar": arabic,
}

MINOR = {"EUR": 2, "JPY": 0, "KWD": 3}  # digits, ISO 4217
PATTERNS = {  # from CLDR: grouping, decimal sign, place of the code
    "en": (",", ".", "{code} {number}"),
    "de": (".", ",", "{number} {code}"),
    "ja": (",", ".", "{code} {number}"),
}


def parse_money(text: str, code: str) -> int:
    """Decimal text from an API to minor units; never rounds in silence."""
    digits = MINOR[code]
    whole, _, fraction = text.partition(".")
    if not re.fullmatch("[0-9]{1,12}", whole) or not re.fullmatch("[0-9]*", fraction):
        raise ValueError("not an amount")
    if len(fraction) > digits:
        raise ValueError(f"{code} has {digits} decimal digits")
    return int(whole + fraction.ljust(digits, "0"))


def format_money(minor: int, code: str, locale: str) -> str:
    group, point, pattern = PATTERNS[locale]
    digits = MINOR[code]
    whole, fraction = divmod(minor, 10**digits)
    number = f"{whole:,}".replace(",", group)
    if digits:
        number += point + str(fraction).rjust(digits, "0")
    return pattern.format(code=code, number=number)


def resolve(local: datetime, zone: str) -> tuple[str, list[str]]:
    """All instants that a wall clock shows as this time: none, one or two."""
    instants: list[datetime] = []
    for fold in (0, 1):
        instant = local.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)
        back = instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        if back == local and instant not in instants:
            instants.append(instant)
    found = [f"{each:%H:%M}Z" for each in instants]
    if found:
        return ("once", "twice")[len(found) - 1], found
    # In a gap: the offset from before it, so the clock has moved on.
    shifted = local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    return "never", [f"{shifted:%H:%M}Z"]


def show_lookup() -> None:
    print(f"{'Accept-Language':<36}lookup    with CLDR data")
    for header in (
        "de-CH, fr;q=0.8",
        "fr-CA, fr;q=0.8",
        "pl;q=0.3, de-AT;q=0.8",
        "en;q=0, *;q=0.1",
        "de_AT, pl;q=9, de;q=0.1",
        "pt, en;q=0.5",
        "zh-TW",
        "es-MX",
    ):
        plain = lookup(header, {}, {})
        print(f"  {header:<34}{plain:<10}{lookup(header, LIKELY, PARENTS)}")


def show_messages() -> None:
    messages = Messages()

    def row(locale: str, key: str, *numbers: int) -> None:
        found = [messages.get(locale, key, n) for n in numbers or (0,)]
        text = ", ".join(each[0] for each in found)
        print(f"  {locale:<7}{key:<10}{found[0][1]:<7}{text}")

    print("\n  locale key       from   text")
    row("de-AT", "tomatoes")
    row("de-AT", "checkout")
    row("pl", "hours", 1, 2, 5, 22)
    row("pl", "gifts", 2, 5)
    row("pl", "refunds")
    counted = ", ".join(f"{key} {n}" for key, n in sorted(messages.missing.items()))
    print(f"missing: {counted}")


def show_plurals() -> None:
    print("\nplural forms of 0 to 199")
    for language in ("en", "pl", "ar"):
        forms = Counter(PLURALS[language](n) for n in range(200))
        counted = ", ".join(f"{form} {forms[form]}" for form in sorted(forms))
        print(f"  {language}  {counted}")


def show_money() -> None:
    print("\nmoney")
    for text, code, locale in (
        ("1234.5", "EUR", "en"),
        ("1234.5", "EUR", "de"),
        ("1234", "JPY", "ja"),
        ("1234.5", "KWD", "en"),
        ("10.505", "EUR", "en"),
        ("10.5", "JPY", "ja"),
    ):
        try:
            minor = parse_money(text, code)
            shown = f"{minor:>7} minor units, {locale}: "
            shown += format_money(minor, code, locale)
        except ValueError as error:
            shown = f"refused: {error}"
        print(f"  {text:<8}{code}  {shown}")


def show_times() -> None:
    print("\nEurope/Berlin, wall clock")
    for local in (
        datetime(2026, 7, 1, 9, 0),
        datetime(2026, 3, 29, 2, 30),
        datetime(2026, 10, 25, 2, 30),
    ):
        how_often, found = resolve(local, "Europe/Berlin")
        print(f"  {local:%Y-%m-%d %H:%M}  {how_often:<7}{' and '.join(found)}")
    zone = ZoneInfo("Europe/Berlin")
    first = datetime(2026, 3, 28, 9, 0, tzinfo=zone)
    second = first + timedelta(days=1)  # wall clock: the offset is found anew
    hours = (second.astimezone(UTC) - first.astimezone(UTC)) // timedelta(hours=1)
    print(f"  09:00 on 28 March to 09:00 on 29 March: {hours} hours")


def main() -> None:
    show_lookup()
    show_messages()
    show_plurals()
    show_money()
    show_times()


if __name__ == "__main__":
    main()
