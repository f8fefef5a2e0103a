"""The theory held against simulation."""
