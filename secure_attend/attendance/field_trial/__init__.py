"""Field trials: people and attacks, counted at a real kiosk."""
