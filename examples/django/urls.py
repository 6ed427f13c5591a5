"""Which address is which page."""

from django.urls import path

from examples.django import views

urlpatterns = [
    path("", views.front),
    path("cookies", views.cookies),
    path("later", views.later),
    path("<slug:name>", views.article),
]
