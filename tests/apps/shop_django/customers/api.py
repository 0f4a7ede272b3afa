from rest_framework.permissions import IsAdminUser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from customers.models import Customer
from customers.serializers import CustomerSerializer


class CustomerList(APIView):
    permission_classes = [IsAdminUser]

    def get(self, request: Request) -> Response:
        customers = Customer.objects.prefetch_related("addresses")
        serializer = CustomerSerializer(customers, many=True)
        return Response(serializer.data)
