"""What pages show beside the map, as JSON values: functions of arrays and files, not of results."""
