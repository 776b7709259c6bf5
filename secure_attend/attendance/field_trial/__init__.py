"""Field trials: attacks and people counted at a real kiosk."""
