"""Programs that show how tornado-ws is used."""
