"""Pseudonyms for what Zeek logs say about people: the logs stay useful, the names are gone.

Who has the key can find the names again, and who knows the traffic can guess some: the result is
pseudonymised, not anonymous.
"""

from mods.dataset.anonymizer import key
from mods.dataset.anonymizer.folder import Pseudonymised, check, pseudonymise
from mods.dataset.anonymizer.rewrite import Rewriter

__all__ = ["Pseudonymised", "Rewriter", "check", "key", "pseudonymise"]
