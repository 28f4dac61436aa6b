"""Find entries in the list of issued certificates of an enrolment, and add entries to it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certbeam.issuing.issued_certificates import (
    add_entry,
    already_issued,
    build_entry,
    find_entry_of_template,
    find_existing,
)
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


def find(entries, certificate_id="new", template_id="t-1", name="Merit", reissue=False):
    return find_existing(
        entries, certificate_id=certificate_id, template_id=template_id, name=name, reissue=reissue
    )


def test_an_entry_has_all_documented_members():
    request = certificate()
    assert build_entry(request, "A1B2C3") == {
        "name": "Certificate of Completion",
        "identifier": request.certificate_id,
        "token": "A1B2C3",
        "lastIssuedOn": "2026-04-01T04:30:00.123+0000",
        "templateId": "tpl-1",
    }


def test_the_entry_of_an_event_without_a_template_has_no_template_id():
    assert "templateId" not in build_entry(certificate(templateId=None), "A1B2C3")


@pytest.mark.parametrize(
    ("changes", "issued_at"),
    [({}, ETS), ({"ets": ETS + 1}, None), ({"ets": None}, None), ({"certificate_id": "another"}, None)],
)
def test_an_entry_with_the_events_id_and_time_was_issued_by_the_event(changes, issued_at):
    request = certificate()
    values = {"certificate_id": request.certificate_id, "ets": ETS, **changes}
    outcome = already_issued(request.claim, build_entry(request, "A1B2C3"), **values)
    assert (outcome.verdict, outcome.certificate_id) == ("already-issued", request.certificate_id)
    assert outcome.issued_at == issued_at


def test_the_entry_of_the_template_is_found():
    one = entry("a", template="t-1")
    assert find([entry("z", template="t-2"), one]) == one


def test_an_entry_of_another_template_with_the_same_name_is_not_found():
    assert find([entry("a", name="Merit", template="t-2")]) is None
    assert find([entry("a", name="Merit", template="T-1")]) is None


def test_an_old_entry_without_a_template_is_found_by_its_name_in_any_case():
    assert find([entry("a", name=" mErIt ")])["identifier"] == "a"
    assert find([entry("a", name="Other")]) is None


def test_a_request_without_a_template_finds_entries_by_name():
    assert find([entry("a", template="t-9")], template_id="")["identifier"] == "a"


def test_a_re_issue_finds_only_its_own_entry():
    assert find([entry("a", template="t-1")], reissue=True) is None
    assert find([entry("new", template="t-1")], reissue=True)["identifier"] == "new"


def test_entries_without_a_name_or_an_id_are_accepted():
    assert find([{}, {"identifier": None, "name": None}]) is None
    assert add_entry([{"name": "Merit"}], entry("new", template="t-1")).replaced == ()


def test_an_added_entry_replaces_those_of_its_template_and_returns_their_ids():
    entries = [entry("a", template="t-1"), entry("b", template="t-2"), entry("c", name="merit")]
    change = add_entry(entries, entry("new", template="t-1"))
    assert change.entries == (entry("b", template="t-2"), entry("new", template="t-1"))
    assert change.replaced == ("a", "c")


@settings(max_examples=200, deadline=None)
@given(ENTRIES, NEW)
def test_an_added_entry_keeps_those_of_other_templates_in_order(entries, new):
    change = add_entry(entries, new)
    template, name = new.get("templateId", ""), new["name"]
    others = [one for one in entries if find_entry_of_template([one], template, name) is None]
    assert list(change.entries) == [*others, new]
    assert set(change.replaced) == {one["identifier"] for one in entries if one not in others}


@settings(max_examples=200, deadline=None)
@given(ENTRIES, NEW, st.booleans())
def test_an_added_entry_is_found_and_adding_it_again_changes_nothing(entries, new, reissue):
    once = add_entry(entries, new).entries
    existing = find(once, template_id=new.get("templateId", ""), name=new["name"], reissue=reissue)
    assert existing == new
    assert add_entry(once, new).entries == once


def test_an_entry_whose_id_is_blank_is_not_the_replaced_certificate_of_an_event_without_old_id():
    entries = [entry("", template="t-2")]
    change = add_entry(entries, entry("new", template="t-1"))
    assert change.entries == (*entries, entry("new", template="t-1"))
    assert change.replaced == ()


@pytest.mark.parametrize("identifier", ["", None])
def test_an_entry_without_an_id_is_reported_by_its_name(identifier):
    outcome = already_issued(certificate().claim, {"identifier": identifier}, certificate_id="new", ets=ETS)
    assert outcome.certificate_id is None
    assert outcome.reason == "the learner has a certificate of this name"
    assert outcome.issued_at is None
