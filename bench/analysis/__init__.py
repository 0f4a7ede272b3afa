"""What an analysis costs: rules alone and with the machine-learnt part, in time and memory."""
