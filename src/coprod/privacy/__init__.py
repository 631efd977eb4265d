"""What may leave the house: disclosure profiles, and the gate every displayed result goes through."""

from coprod.privacy.counts import release_count, release_share, release_shares
from coprod.privacy.gate import check_folder, check_result
from coprod.privacy.profiles import PROFILES, WITHHELD, Profile, ProfileName, find_profile
from coprod.privacy.release import release, release_parts
from coprod.privacy.scenarios import PLANNED, release_scenarios
from coprod.privacy.words import release_words

__all__ = [
    "PLANNED",
    "PROFILES",
    "WITHHELD",
    "Profile",
    "ProfileName",
    "check_folder",
    "check_result",
    "find_profile",
    "release",
    "release_count",
    "release_parts",
    "release_scenarios",
    "release_share",
    "release_shares",
    "release_words",
]
