"""What every candidate needs: finding expressions in a file, following names, and edits that keep the rest as it is."""
