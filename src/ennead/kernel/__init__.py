"""The shared idea of all domains: plain records, findings, and the protocols between the stages. Standard library only."""
