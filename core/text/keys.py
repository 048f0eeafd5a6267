"""Keys for finding and ordering Vietnamese text, the same in SQLite and PostgreSQL.

Computed here and stored beside the text: no collation or extension of a database is needed.
"""

import re
import unicodedata

from core.text.plain import nfc

#: đ, and the letters of other alphabets whose capitals look like Đ.
_D_LETTERS = str.maketrans("đðɖ", "ddd")


def search_key(text: str) -> str:
    """Fold a text for searching: no tone or vowel marks, no case, no punctuation, single spaces.

    The key of a stored name and the key of a query meet whatever keyboard, copy or encoding they
    came from: ``Đồng Hới`` in NFC or NFD, ``ĐỒNG HỚI`` and ``dong hoi`` are all ``dong hoi``.
    """
    folded = text
    for _ in range(2):  # folding case can compose and decompose letters once more
        folded = unicodedata.normalize("NFKD", folded)
        folded = "".join(c for c in folded if not unicodedata.combining(c)).casefold()
    folded = folded.translate(_D_LETTERS)
    words = (c if unicodedata.category(c)[0] in "LN" else " " for c in folded)
    return " ".join("".join(words).split())


_SYLLABLE = re.compile(
    "(?:b|ch?|d|gi?|gh|h|kh?|l|m|n|ngh?|nh|ph?|qu|r|s|th?|tr|v|x)?"
    "(?:a[iouy]?|e[ou]?|i(?:a|eu?|u)?|o(?:a[iouy]?|eo?|i)?|u(?:a[iouy]?|eo?|i|o[iu]?|u|y[aeu]?)?"
    "|y(?:eu?|u|a)?)(?:ch?|m|ng?|nh|p|t)?"
)


def query_keys(query: str) -> list[str]:
    """Give the keys to look for, likeliest first: as typed, then as Telex or VNI slips.

    Someone whose Vietnamese keyboard is off types ``ddoongf hoiws`` (Telex) or ``d9o6ng ho71i``
    (VNI). A word is only re-read when it is no Vietnamese syllable as it stands and is one then.
    """
    typed = search_key(query)
    keys = [typed] if typed else []
    for undo in (_undo_telex, _undo_vni):
        key = " ".join(undo(word) for word in typed.split())
        # A single letter would match nearly every name.
        if key not in keys and len(key) > 1:
            keys.append(key)
    return keys


def _undo_telex(word: str) -> str:
    """Read ``ddoongf`` as ``dong``: mark letters after the first vowel are keystrokes."""
    parts = re.fullmatch("([^aeiouyw]*)([a-z]+)", word)
    if parts is None or _SYLLABLE.fullmatch(word):
        return word
    onset, rest = parts.groups()
    onset = onset.replace("dd", "d")
    if rest.startswith("w"):  # Telex for a bare "ư"
        rest = "u" + rest[1:]
    rest = re.sub("[sfrxjzwd]", "", rest)
    rest = re.sub("([aeo])\\1", "\\1", rest)
    # Marks may also be typed at the end of the word: "cana" for "cân".
    late_mark = onset + rest[:-1] if rest[-1:] in "aeo" and rest[-1:] in rest[:-1] else ""
    for reading in (onset + rest, late_mark):
        if _SYLLABLE.fullmatch(reading):
            return reading
    return word


def _undo_vni(word: str) -> str:
    """Read ``d9o6ng`` as ``dong``: digits behind letters are keystrokes."""
    reading = re.sub("[1-9]", "", word)
    is_vni = len(reading) > 1 and word[0].isalpha() and _SYLLABLE.fullmatch(reading)
    return reading if is_vni else word


_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_TONES = ["", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323"]  # ngang huyền hỏi ngã sắc nặng
_SORT_END, _SORT_NUMBER, _SORT_FOREIGN = "00", "07", "99"
_LETTER_CODES = {letter: f"{code:02d}" for code, letter in enumerate(_ALPHABET, start=10)}


def _letters_with_tones() -> dict[str, tuple[str, int]]:
    """Map every Vietnamese letter, toned or not, to its plain letter and the order of its tone."""
    return {
        nfc(letter + mark): (letter, order)
        for letter in _ALPHABET
        for order, mark in enumerate(_TONES, start=1)
        if len(nfc(letter + mark)) == 1
    }


_LETTERS = _letters_with_tones()


def sort_key(text: str) -> str:
    """Give the key that sorts Vietnamese text as a dictionary does, in any database.

    Letters go before tones and tones before case, one syllable after the other; figures go by
    value (``Cụm 2`` before ``Cụm 10``). The key holds the digits 0–9 only, so every collation of
    SQLite and PostgreSQL agrees on it, and different texts have different keys. It is about three
    times as long as the text.
    """
    composed = nfc(text)
    main, detail = "", ""
    for run in re.findall("[0-9]+|[^\\W\\d_]+|.", composed, re.DOTALL):
        run_main, run_detail = _sort_run(run)
        main += run_main
        detail += run_detail
    return main + _SORT_END + detail


def _sort_run(run: str) -> tuple[str, str]:
    """Encode one syllable, figure or other character: what orders first, what breaks ties."""
    if run.isascii() and run.isdigit():
        value = run.lstrip("0")
        chunks = [value[at : at + 99] for at in range(0, len(value), 99)] or [""]
        return "".join(f"{_SORT_NUMBER}{len(c):02d}{c}" for c in chunks), "4" * len(run)
    if run == " ":
        return "", "5"
    return _sort_syllable(run) if run[0].isalpha() else ("", _sort_exact(run))


def _sort_syllable(syllable: str) -> tuple[str, str]:
    """Encode letters, then the tone that ends them; case and place of the tone break ties."""
    tone = next((t for c in syllable if (t := _letter(c)[1]) > 1), 1)
    main, detail = "", ""
    for char in syllable:
        letter, own_tone = _letter(char)
        main += _LETTER_CODES.get(letter) or f"{_SORT_FOREIGN}{ord(letter):07d}"
        known = nfc(letter + _TONES[own_tone - 1])
        if own_tone in (1, tone) and char in (known, known.upper()):
            detail += str((2 if own_tone > 1 else 0) + (char != known))
        else:
            detail += _sort_exact(char)
    return f"{main}0{tone}", detail


def _letter(char: str) -> tuple[str, int]:
    """Take a letter apart into its plain lower-case letter and the order of its tone."""
    lower = char.lower()
    base = unicodedata.normalize("NFD", lower)[0]
    return _LETTERS.get(lower) or (base if base in _LETTER_CODES else lower[0], 1)


def _sort_exact(text: str) -> str:
    return "".join(f"9{ord(char):07d}" for char in text)


def given_name_key(full_name: str) -> str:
    """Give the key that sorts persons as Vietnamese lists do: by given name, then the rest."""
    *rest, given = full_name.split() or [""]
    return sort_key(" ".join([given, *rest]))
