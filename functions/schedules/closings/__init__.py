"""Every hour: accounts whose time to change one's mind is over."""
