"""Every five minutes: finds tracks that are overdue and sets them going again, or ends them."""
