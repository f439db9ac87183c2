"""A bureau's own form: its scheme drafted from what the empty form prints, confirmed by a person, and tested."""
