"""What runs by the clock or at a deploy, one folder each."""
