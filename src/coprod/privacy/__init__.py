"""What may leave the house: disclosure profiles, and the gate every displayed result goes through."""

from coprod.privacy.gate import check_folder, check_result
from coprod.privacy.profiles import PROFILES, WITHHELD, Profile, find_profile
from coprod.privacy.release import release, release_count, release_shares

__all__ = [
    "PROFILES",
    "WITHHELD",
    "Profile",
    "check_folder",
    "check_result",
    "find_profile",
    "release",
    "release_count",
    "release_shares",
]
