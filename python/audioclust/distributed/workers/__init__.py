"""What happens on the workers."""
