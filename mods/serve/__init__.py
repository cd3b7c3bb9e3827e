"""`mods serve`: the launcher around DEEPaaS' app, which lets in who may, and no more than it can."""
