"""The learner's list of certificates: what makes a request needless, and what recording one changes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certbeam.issuing.issued_certificates import already_issued, held, issued_entry, of_template, record
from certbeam.tests.support import ETS, certificate

ENTRIES = st.lists(
    st.fixed_dictionaries(
        {"name": st.sampled_from(["Merit", "MERIT ", "Completion"]), "identifier": st.sampled_from("abcd")},
        optional={"templateId": st.sampled_from(["t-1", "t-2"])},
    ),
    max_size=5,
)
NEW = st.fixed_dictionaries(
    {"name": st.sampled_from(["Merit", "Completion"]), "identifier": st.just("new")},
    optional={"templateId": st.sampled_from(["t-1", "t-2"])},
)


def entry(identifier, name="Merit", template=None):
    return {"name": name, "identifier": identifier, **({"templateId": template} if template else {})}


def holds(entries, certificate_id="new", template_id="t-1", name="Merit", reissue=False):
    return held(entries, certificate_id=certificate_id, template_id=template_id, name=name, reissue=reissue)


def test_an_entry_has_the_fields_of_the_contract():
    request = certificate()
    assert issued_entry(request, "A1B2C3") == {
        "name": "Certificate of Completion",
        "identifier": request.certificate_id,
        "token": "A1B2C3",
        "lastIssuedOn": "2026-04-01T04:30:00.123+0000",
        "templateId": "tpl-1",
    }


def test_an_event_without_a_template_leaves_it_out_of_the_entry():
    assert "templateId" not in issued_entry(certificate(templateId=None), "A1B2C3")


@pytest.mark.parametrize(
    ("changes", "issued_at"),
    [({}, ETS), ({"ets": ETS + 1}, None), ({"ets": None}, None), ({"certificate_id": "another"}, None)],
)
def test_an_entry_is_of_the_very_event_that_has_its_id_and_moment(changes, issued_at):
    request = certificate()
    own = {"certificate_id": request.certificate_id, "ets": ETS, **changes}
    outcome = already_issued(request.claim, issued_entry(request, "A1B2C3"), **own)
    assert (outcome.verdict, outcome.certificate_id) == ("already-issued", request.certificate_id)
    assert outcome.issued_at == issued_at


def test_a_certificate_of_the_template_is_held():
    one = entry("a", template="t-1")
    assert holds([entry("z", template="t-2"), one]) == one


def test_two_templates_of_one_name_are_two_certificates():
    assert holds([entry("a", name="Merit", template="t-2")]) is None
    assert holds([entry("a", name="Merit", template="T-1")]) is None


def test_an_old_entry_without_a_template_counts_by_name_in_any_case():
    assert holds([entry("a", name=" mErIt ")])["identifier"] == "a"
    assert holds([entry("a", name="Other")]) is None


def test_a_request_without_a_template_counts_by_name():
    assert holds([entry("a", template="t-9")], template_id="")["identifier"] == "a"


def test_a_re_issue_is_needless_only_when_it_was_done_itself():
    assert holds([entry("a", template="t-1")], reissue=True) is None
    assert holds([entry("new", template="t-1")], reissue=True)["identifier"] == "new"


def test_entries_without_name_or_identifier_do_no_harm():
    assert holds([{}, {"identifier": None, "name": None}]) is None
    assert record([{"name": "Merit"}], entry("new", template="t-1")).replaced == ()


def test_recording_replaces_the_templates_certificates_and_tells_their_ids():
    entries = [entry("a", template="t-1"), entry("b", template="t-2"), entry("c", name="merit")]
    change = record(entries, entry("new", template="t-1"))
    assert change.entries == (entry("b", template="t-2"), entry("new", template="t-1"))
    assert change.replaced == ("a", "c")


@settings(max_examples=200, deadline=None)
@given(ENTRIES, NEW)
def test_recording_keeps_all_certificates_of_others_in_their_order(entries, new):
    change = record(entries, new)
    template, name = new.get("templateId", ""), new["name"]
    others = [one for one in entries if of_template([one], template, name) is None]
    assert list(change.entries) == [*others, new]
    assert set(change.replaced) == {one["identifier"] for one in entries if one not in others}


@settings(max_examples=200, deadline=None)
@given(ENTRIES, NEW, st.booleans())
def test_what_was_recorded_is_held_and_recording_it_again_changes_nothing(entries, new, reissue):
    once = record(entries, new).entries
    found = holds(once, template_id=new.get("templateId", ""), name=new["name"], reissue=reissue)
    assert found == new
    assert record(once, new).entries == once
