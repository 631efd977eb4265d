"""Columns that say who somebody is."""

import pandas as pd
import pytest

from coprod.data import Sheet
from coprod.training.personal import find_personal, holds_addresses, is_personal_name

PERSONAL = [
    "Name", "Names", "Name2", "First Name", "first_name", "LastName", "Surname", "forename", "Full name",
    "What is your name?", "Please enter your full name:", "Participant name", "Username", "Email", "E-mail", "Email2",
    "Email Address", "Your e-mail address", "What is your email address?", "work_email", "contactEmail", "IP Address",
    "IPAddress", "LocationLatitude", "LocationLongitude", "Location", "Postcode", "Home post code", "Postal address",
    "Address", "Home address", "Zip code", "Phone", "Telephone number", "Mobile", "Mobile number", "Date of birth",
    "What is your date of birth?", "DOB", "Birthday", "NHS number", "Staff ID", "Payroll no.", "RecipientEmail",
    "RecipientFirstName", "ExternalReference", "External Data Reference", "Custom Data 1", "Signature", "GPS position",
]  # fmt: skip
PLAIN = [
    "", "code", "Cohort name", "Course name", "Team name", "scale_name", "Item name", "Name of the cohort", "Site",
    "time", "Start time", "wave", "age", "profession", "ID", "Response ID", "ResponseId", "Respondent ID", "c1",
    "I can name the risks", "Mobile working helps me", "I address risk with the person", "External support helped",
    "tip", "IPs are used", "emailed", "Progress", "Duration (in seconds)", "Finished", "UserLanguage",
]  # fmt: skip


@pytest.mark.parametrize("name", PERSONAL)
def test_a_column_is_known_by_its_name(name):
    assert is_personal_name(name)
    assert is_personal_name(f"  {name.upper()} ")


@pytest.mark.parametrize("name", PLAIN)
def test_what_only_sounds_like_it_is_left_alone(name):
    assert not is_personal_name(name)


@pytest.mark.parametrize("cell", ["ann.o@nhs.example.org", "192.0.2.17", "2001:db8:0:0:0:0:2:1", "fe80::1:2:3"])
def test_a_cell_is_known_to_be_an_address(cell):
    assert holds_addresses(pd.Series([None, "x", 3, cell]))


@pytest.mark.parametrize(
    "cell", ["a@b", "@", "write to ann@example.org", "1.2.3", "10:30", "10:30:15", "3.14", 4.0, None]
)
def test_other_cells_are_none(cell):
    assert not holds_addresses(pd.Series([cell], dtype=object))


def test_an_address_is_seen_however_far_down():
    words = [f"x{number}" for number in range(4999)]
    cells = pd.DataFrame({0: [*words, "y"], 1: [*words, "ann@example.org"], 2: "z"})
    assert find_personal(Sheet("a.csv", ("Comment", "Reply to", "Surname"), cells)) == ["Reply to", "Surname"]
