"""Bus events → what people's rights over their data ask for: hide, erase, hand out."""
