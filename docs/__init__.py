"""The guide to how a backward pass works: its pages, the programs that they show, and what makes their output."""
