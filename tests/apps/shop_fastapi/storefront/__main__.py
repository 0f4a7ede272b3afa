import sys

from storefront.commands import main

sys.exit(main())
