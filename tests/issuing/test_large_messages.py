"""Cut large messages into stored parts and dead letters, and restore them byte for byte."""

import hashlib

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected
from certbeam.foundation.json_values import MAX_DEPTH, parse_object
from certbeam.issuing.claim import Claim
from certbeam.issuing.dead_letter import DeadLetter, fail_claim, restore_original_message
from certbeam.issuing.large_messages import cut_bytes, cut_event, restore_message
from certbeam.tests.issuing.test_claim import EVENTS, JSON, NAMES
from certbeam.tests.support import SOURCE, generate_event, issue_event

OWN = ("userIds", "templateId", "data")
WORDS = st.sampled_from(["u", "ü\n", '"\\'])
LARGE = st.builds(lambda word, times: word * times, WORDS, st.integers(0, 3000))
LARGE_EVENTS = st.dictionaries(NAMES, JSON | LARGE, max_size=4).flatmap(
    lambda event: st.dictionaries(
        st.sampled_from(OWN) | NAMES, JSON | LARGE | st.lists(LARGE), max_size=6
    ).map(lambda edata: {**event, "edata": edata})
)


def letter(event, own=OWN):
    return DeadLetter(
        event, "certbeam-issue", "IssueEnrich", ErrorCode.USER_MISSING, "Why.", SOURCE, "b", own
    )


def cut(made, not_stored=None):
    """Return the line of a cut dead letter, and the stored parts by name."""
    parts = made.cut()
    return made.serialise_cut(parts, not_stored or {}), {part.name: part.body for part in parts.parts}


def cut_and_restore(made):
    line, stored = cut(made)
    return restore_original_message(line, stored.__getitem__)


@settings(max_examples=300, deadline=None)
@given(EVENTS | LARGE_EVENTS, st.sampled_from([OWN, ("data",), ()]))
def test_every_event_is_restored_byte_for_byte(event, own):
    assert cut_and_restore(letter(event, own)) == orjson.dumps(event)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=64))
def test_every_message_of_bytes_is_restored(message):
    assert cut_and_restore(letter(message)) == message


@settings(max_examples=100, deadline=None)
@given(LARGE_EVENTS)
def test_a_complete_and_a_cut_dead_letter_restore_the_same_event(event):
    assert orjson.loads(restore_original_message(letter(event).serialise())) == orjson.loads(
        cut_and_restore(letter(event))
    )


def large_event(*users, **edata):
    return issue_event(*users, padding="x" * 96_000, **edata)


def failures(event, users, templates=(None,)):
    """Yield the dead letters of an event's users, as stages build them."""
    for user in users:
        narrowed = {**event, "edata": {**event["edata"], "userIds": [user]}}
        claim = Claim("issue", narrowed, SOURCE, "m", "b", "c", user, shares_event=True)
        for template in templates:
            one = claim.narrow_to_template(template) if template else claim
            yield fail_claim(one, stage="IssueEnrich", error=Rejected(ErrorCode.USER_MISSING, "Why."))[1]


def test_all_dead_letters_of_an_event_share_one_part():
    users = [f"u-{number}" for number in range(50)]
    event = large_event(*users)
    stored: dict[str, bytes] = {}
    lines = []
    for made in failures(event, users):
        line, parts = cut(made)
        lines.append(line)
        stored |= parts
    assert len(stored) == 1
    assert max(map(len, lines)) < 1200
    events = [orjson.loads(restore_original_message(line, stored.__getitem__)) for line in lines]
    assert events == [large_event(user) for user in users]


def test_dead_letters_of_several_templates_share_one_part():
    letters = list(failures(large_event("u-1", "u-2"), ["u-1", "u-2"], ["t-1", "t-2", "t-3"]))
    lines, stored = zip(*map(cut, letters), strict=True)
    assert len({name for parts in stored for name in parts}) == 1
    events = [
        orjson.loads(restore_original_message(line, parts.__getitem__))
        for line, parts in zip(lines, stored, strict=True)
    ]
    assert events == [
        large_event(user, templateId=template)
        for user in ("u-1", "u-2")
        for template in ("t-1", "t-2", "t-3")
    ]


def test_a_cut_dead_letter_has_small_members_and_a_reference_to_the_part():
    (made,) = failures(large_event(extra=[1, 2]), ["u-1"])
    line, stored = cut(made)
    ((name, body),) = stored.items()
    kept = issue_event("u-1", extra=[1, 2])
    assert orjson.loads(line) == {
        **kept,
        "jobName": "certbeam-issue",
        "failInfo": {
            "stage": "IssueEnrich",
            "errorCode": "user-missing",
            "error": "Why.",
            "source": SOURCE,
            "large": [{"name": name, "bytes": len(body)}],
        },
    }
    assert name == hashlib.sha256(body).hexdigest() + ".json"


def test_large_members_of_one_dead_letter_are_stored_as_a_separate_part():
    recipients = [{"recipientId": f"u-{number}", "note": "y" * 5000} for number in range(3)]
    stored: dict[str, bytes] = {}
    for recipient in recipients:
        event = {**generate_event(), "padding": "x" * 50_000}
        event["edata"]["data"] = [recipient]
        line, parts = cut(letter(event, ("data",)))
        stored |= parts
        assert restore_original_message(line, parts.__getitem__) == orjson.dumps(event)
    assert sorted(map(len, stored.values())) == pytest.approx([5_000, 5_000, 5_000, 51_000], abs=1500)


@pytest.mark.parametrize("level", ["event", "edata"])
def test_a_cut_dead_letter_of_any_event_is_small(level):
    deep = orjson.loads(b'{"a":' * (MAX_DEPTH - 5) + b'"%s"' % (b"z" * 50_000) + b"}" * (MAX_DEPTH - 5))
    for large in (
        {f"m{number}": number for number in range(50_000)},
        {f"m{number}": "x" * 900 for number in range(500)},
        {"x" * 100_000: 1},
        {"deep": deep},
        {"list": list(range(50_000))},
    ):
        event = issue_event("u-1", **(large if level == "edata" else {}))
        event |= large if level == "event" else {}
        line, stored = cut(letter(event))
        assert len(line) < 4096
        assert restore_original_message(line, stored.__getitem__) == orjson.dumps(event)
        parse_object(next(iter(stored.values())))


@pytest.mark.parametrize("name", ["jobName", "failInfo"])
def test_events_with_members_named_like_those_of_dead_letters_share_one_part(name):
    lines = [cut(letter({**large_event(user), name: {"large": [1]}})) for user in ("u-1", "u-2")]
    assert len({part for _, stored in lines for part in stored}) == 1
    for user, (line, stored) in zip(("u-1", "u-2"), lines, strict=True):
        assert orjson.loads(line)["jobName"] == "certbeam-issue"
        event = {**large_event(user), name: {"large": [1]}}
        assert restore_original_message(line, stored.__getitem__) == orjson.dumps(event)


def test_the_dead_letter_of_a_message_that_is_not_an_event_has_its_beginning():
    line, stored = cut(letter("größer".encode()[:-1] + b"\xff" * 900_000))
    (reference,) = orjson.loads(line)["failInfo"]["large"]
    assert reference["head"].startswith("größe\ufffd")
    assert len(reference["head"]) == 200
    assert reference["name"].endswith(".bin")
    assert reference["bytes"] == len(stored[reference["name"]]) == 900_007
    assert len(line) < 4096


def test_a_part_that_is_not_stored_has_its_reason():
    made = letter(large_event())
    (name,) = (part.name for part in made.cut().parts)
    line, stored = cut(made, {name: "the store does not answer"})
    (reference,) = orjson.loads(line)["failInfo"]["large"]
    assert reference == {
        "name": name,
        "bytes": len(stored[name]),
        "notStored": "the store does not answer",
    }


def test_the_error_of_a_missing_part_has_the_source_of_the_message():
    line, _ = cut(letter(b"x" * 5000))
    with pytest.raises(
        Rejected, match=r"give --large_messages; .* from \{'file': 'events.jsonl', 'line': 7\}"
    ) as error:
        restore_original_message(line)
    assert error.value.code == "large-message-missing"


def test_a_part_with_another_digest_is_rejected():
    line, _ = cut(letter(large_event()))
    with pytest.raises(Rejected, match="another digest") as error:
        restore_original_message(line, lambda _: b"{}")
    assert error.value.code == "large-message-damaged"


@pytest.mark.parametrize(
    "large",
    [
        "x",
        {},
        [],
        [1],
        [{}],
        [{"name": 1}],
        [{"name": "../../etc/passwd"}],
        [{"name": "0" * 64}],
        [{"name": "0" * 64 + ".json/../x"}],
        [{"name": "G" * 64 + ".json"}],
        [{"name": "0" * 64 + ".json\n"}],
        [{"name": "0" * 64 + ".json"}, {"name": "x"}],
    ],
)
def test_invalid_references_are_rejected_and_no_part_is_read(large):
    line = orjson.dumps({"jobName": "x", "failInfo": {"large": large}})
    with pytest.raises(Rejected) as error:
        restore_original_message(line, lambda name: pytest.fail(f"read {name}"))
    assert error.value.code == "not-a-dead-letter"


@pytest.mark.parametrize("character", ["a", "é", "क", "🎓"])
def test_the_head_of_a_message_has_as_many_characters_in_every_script(character):
    heads = {len(cut_bytes((one * 9_000).encode()).parts[0].head) for one in ("a", character)}
    assert len(heads) == 1


@pytest.mark.parametrize("edata", ["text" * 9_000, ["a"] * 9_000, None])
def test_an_event_whose_edata_is_not_an_object_is_cut_and_restored(edata):
    event = {"mid": "m", "edata": edata}
    message = cut_event(event)
    stored = {part.name: part.body for part in message.parts}
    references = [{"name": name} for name in stored]
    assert orjson.loads(restore_message(message.kept, references, stored.__getitem__)) == event


def test_members_that_are_kept_take_precedence_whatever_their_type():
    event = {"mid": "m", "edata": {"userIds": ["u-1"]}}
    message = cut_event(event)
    stored = {part.name: part.body for part in message.parts}
    references = [{"name": name} for name in stored]
    assert orjson.loads(restore_message({"edata": 7}, references, stored.__getitem__))["edata"] == 7


@pytest.mark.parametrize("references", [7, True, "name", {"name": "a"}, [7], [None]])
def test_references_that_are_no_list_of_names_are_rejected(references):
    with pytest.raises(Rejected) as error:
        restore_message({}, references, dict[str, bytes]().__getitem__)
    assert error.value.code == "not-a-dead-letter"
