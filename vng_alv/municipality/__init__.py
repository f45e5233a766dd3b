"""A municipality's own page: its people, who votes for it, and for whom else it votes."""
