#!/usr/bin/env python3
"""Django's own command line, for developers. Without DATABASE_URL the embedded database of SHUKE_DATA is started."""

import os
import sys
from contextlib import nullcontext

from django.core.management import execute_from_command_line

from shuke.config.cli.environment import database

WITHOUT_DATABASE = {"makemigrations", "check", "help"}

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shuke.config.settings")
    needs_none = len(sys.argv) < 2 or sys.argv[1] in WITHOUT_DATABASE
    with nullcontext() if needs_none else database():
        execute_from_command_line(sys.argv)
