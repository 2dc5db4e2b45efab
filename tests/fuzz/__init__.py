"""Random programs of autograd that both engines run, and that must end alike."""
