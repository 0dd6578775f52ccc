"""What happens by itself: sensors that notice, schedules that repeat."""
