"""`mods serve`: DEEPaaS' app behind doors that let in who may, and no more than it can."""
