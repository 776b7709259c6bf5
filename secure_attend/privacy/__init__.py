"""The data inventory: what is kept about whom, why and until when. It is found in the code, so that nothing is
missed."""
