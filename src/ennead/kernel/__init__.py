"""The shared idea of all domains: plain records, findings, protocols between the stages. Standard library only."""
