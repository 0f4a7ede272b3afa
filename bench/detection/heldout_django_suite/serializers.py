# mypy: ignore-errors
from rest_framework import serializers

from .models import Animal, Owner, Vet, Visit


class VetNameSerializer(serializers.ModelSerializer):
    class Meta:
        model = Vet
        fields = ["id", "name"]


class VisitSerializer(serializers.ModelSerializer):
    vet = VetNameSerializer()  # place[drf_list_view_nested]: access

    class Meta:
        model = Visit
        fields = ["id", "day", "vet"]


class AnimalCardSerializer(serializers.ModelSerializer):
    owner_name = serializers.CharField(source="owner.name")  # place[drf_dotted_source]: access

    class Meta:
        model = Animal
        fields = ["name", "owner_name"]


class OwnerSerializer(serializers.ModelSerializer):
    pets = serializers.SerializerMethodField()

    class Meta:
        model = Owner
        fields = ["name", "pets"]

    def get_pets(self, owner):
        return owner.animals.count()  # place[drf_method_field]: access


class VetSkillsSerializer(serializers.ModelSerializer):
    skills = serializers.SlugRelatedField("name", many=True, read_only=True)  # place[drf_slug_related_many]: access

    class Meta:
        model = Vet
        fields = ["name", "skills"]


class PatientsSerializer(serializers.ModelSerializer):
    patients = serializers.StringRelatedField(many=True)

    class Meta:
        model = Vet
        fields = ["name", "patients"]
