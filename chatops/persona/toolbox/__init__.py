"""What may the model ask? Tools, how they are told to it, and whether its arguments fit."""
