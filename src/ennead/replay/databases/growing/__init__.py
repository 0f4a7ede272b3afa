"""What growing a database is made of; :mod:`ennead.replay.databases.growth` puts it together."""
