"""The application."""

from fastapi import FastAPI

from storefront.routers import api, carts, catalogue, customers, inventory, notes, orders


def create_app() -> FastAPI:
    app = FastAPI(title="The shop")
    for router in (
        catalogue.router,
        orders.router,
        carts.router,
        customers.router,
        inventory.router,
        notes.router,
        api.router,
    ):
        app.include_router(router)
    return app


app = create_app()
