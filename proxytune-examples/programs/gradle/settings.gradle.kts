rootProject.name = "steered"
