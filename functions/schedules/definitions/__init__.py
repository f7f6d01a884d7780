"""Every three hours: fetches ClamAV's definitions, proves them, publishes them, then moves the pointer."""
