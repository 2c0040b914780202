"""What learners take along: the data of the learning tools, cards, decks and printable sheets."""
