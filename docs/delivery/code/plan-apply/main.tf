terraform {
  required_version = ">= 1.10"
}

# --8<-- [start:show]
variable "environment" {
  type = string
  validation {
    condition     = contains(["staging", "production"], var.environment)
    error_message = "environment must be staging or production."
  }
}

variable "size_gb" {
  type    = number
  default = 20
}

# terraform_data is built in and needs no cloud. It stands for a database.
resource "terraform_data" "orders" {
  input            = { size_gb = var.size_gb, environment = var.environment }
  triggers_replace = ["engine-17"] # a new engine forces a new object

  lifecycle {
    prevent_destroy = true
    precondition {
      condition     = var.environment == "staging" || var.size_gb >= 20
      error_message = "Production needs at least 20 GB."
    }
  }
}

resource "terraform_data" "app" {
  input = { database = terraform_data.orders.id } # an edge of the graph
}

moved { # a new name for the same object, not a new object
  from = terraform_data.db
  to   = terraform_data.orders
}

output "app_id" {
  value = terraform_data.app.id
}
# --8<-- [end:show]
